// A merchant in another language: places, pays, queries and refunds an order with the library wechatpay-axios-plugin,
// which checks every signature of API v3's answers, and reports as JSON what it was told.
const { Wechatpay } = require('wechatpay-axios-plugin');
const axios = require('axios');

const given = JSON.parse(process.argv[2]);
const wxpay = new Wechatpay({
  mchid: given.mchid,
  serial: given.serial,
  privateKey: given.privateKey,
  certs: { [given.publicKeyId]: given.publicKey },
  secret: given.apiKey,
  baseURL: `${given.sandbox}/`,
  // The library signs the path of its base address too; the sandbox's mount comes in only after that.
  adapter: (config) => axios.getAdapter('http')({ ...config, baseURL: `${given.sandbox}/wechat/` }),
});

async function paid(reference) {
  const answer = await fetch(`${given.sandbox}/_control/pay`, {
    method: 'POST',
    body: JSON.stringify({ gateway: 'wechat', reference, outcome: 'succeed' }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

async function v3() {
  const amount = { total: 5949, currency: 'CNY' };
  const placed = await wxpay.chain('v3/pay/transactions/native').post({
    appid: given.appid,
    mchid: given.mchid,
    description: '茶',
    out_trade_no: 'node-v3',
    notify_url: given.notifyUrl,
    amount,
  });
  await paid('node-v3');
  const shown = await wxpay.chain('v3/pay/transactions/out-trade-no/node-v3').get({ params: { mchid: given.mchid } });
  const refund = await wxpay.chain('v3/refund/domestic/refunds').post({
    out_trade_no: 'node-v3',
    out_refund_no: 'node-r3',
    amount: { refund: 49, ...amount },
  });
  return { code: placed.data.code_url, state: shown.data.trade_state, refund: refund.data.amount.refund };
}

async function v2() {
  const common = { appid: given.appid, mch_id: given.mchid };
  const placed = await wxpay.chain('v2/pay/unifiedorder').post({
    ...common,
    body: '茶',
    out_trade_no: 'node-v2',
    total_fee: 5949,
    spbill_create_ip: '127.0.0.1',
    notify_url: given.notifyUrl,
    trade_type: 'NATIVE',
    product_id: 'tea',
  });
  await paid('node-v2');
  const shown = await wxpay.chain('v2/pay/orderquery').post({ ...common, out_trade_no: 'node-v2' });
  return { code: placed.data.code_url, state: shown.data.trade_state, fee: shown.data.total_fee };
}

const work = { v2, v3 }[given.api];
work().then(
  (told) => process.stdout.write(JSON.stringify(told)),
  (error) => {
    process.stderr.write(`${error}\n${error.response ? JSON.stringify(error.response.data) : ''}\n`);
    process.exit(1);
  },
);
