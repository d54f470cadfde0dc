// A merchant in another language: has a page paid, queries and refunds it with Alipay's own SDK for Node.js, which checks
// every answer's signature, or checks a notification with it; and reports as JSON what it was told.
const { AlipaySdk } = require('alipay-sdk');

const given = JSON.parse(process.argv[2]);
const sdk = new AlipaySdk({
  appId: given.appId,
  privateKey: given.privateKey,
  keyType: 'PKCS8',
  alipayPublicKey: given.publicKey,
  gateway: `${given.sandbox}/alipay/gateway.do`,
});

async function paid(url) {
  const answer = await fetch(`${given.sandbox}/_control/pay`, {
    method: 'POST',
    body: JSON.stringify({ gateway: 'alipay', url, outcome: 'succeed' }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

async function sold() {
  const bizContent = {
    out_trade_no: 'node_1',
    product_code: 'FAST_INSTANT_TRADE_PAY',
    subject: '茶 "ä" + 1 %',
    total_amount: '59.49',
  };
  const page = sdk.pageExecute('alipay.trade.page.pay', 'GET', { bizContent, notify_url: given.notifyUrl });
  await paid(page);
  const checked = { validateSign: true };
  const shown = await sdk.exec('alipay.trade.query', { bizContent: { out_trade_no: 'node_1' } }, checked);
  const refunded = await sdk.exec(
    'alipay.trade.refund',
    { bizContent: { out_trade_no: 'node_1', refund_amount: '0.49', out_request_no: 'node_r1' } },
    checked,
  );
  return { state: shown.tradeStatus, amount: shown.totalAmount, refunded: refunded.refundFee };
}

async function main() {
  return given.notification ? { genuine: sdk.checkNotifySignV2(given.notification) } : sold();
}

main().then(
  (answer) => console.log(JSON.stringify(answer)),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
