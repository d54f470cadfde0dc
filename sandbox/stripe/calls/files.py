"""Files: what goes with evidence for disputes. Source: docs.stripe.com/file-upload."""

from base64 import b64decode

from sandbox.json_types import Resource
from sandbox.stripe.books import Books
from sandbox.stripe.calls import lists
from sandbox.stripe.errors import InvalidParameter
from sandbox.stripe.ids import new_id
from sandbox.stripe.records.file import File
from sandbox.stripe.schema.params import Params
from sandbox.stripe.upload import FILE, FILENAME

UNSIMULATED = frozenset({"file_link_data"})
EVIDENCE = "dispute_evidence"

# What evidence may be, with its first bytes. Source: docs.stripe.com/file-upload#supported-file-types-and-size-limits
_TYPES = {b"%PDF-": "pdf", b"\x89PNG": "png", b"\xff\xd8\xff": "jpg"}
_MOST_BYTES = 5 << 20


def create(books: Books, params: Params, _: str) -> Resource:
    content = params.required_text(FILE)
    data = b64decode(content)
    kind = next((name for start, name in _TYPES.items() if data.startswith(start)), None)
    if params.text("purpose") != EVIDENCE:
        raise InvalidParameter("The sandbox simulates files for dispute_evidence only.", None, "purpose")
    if kind is None:
        raise InvalidParameter("The file must be a pdf, png or jpg.", None, FILE)
    if len(data) > _MOST_BYTES:
        raise InvalidParameter("The file exceeds the 5 MB that dispute_evidence may have.", None, FILE)
    file = File(
        id=new_id("file"),
        created=books.now,
        content=content,
        filename=params.text(FILENAME) or FILE,
        purpose=EVIDENCE,
        size=len(data),
        type=kind,
    )
    books.save(file)
    return file.resource()


def retrieve(books: Books, params: Params, id: str) -> Resource:
    return books.need(File, id, FILE).resource()


def list_all(books: Books, params: Params, _: str) -> Resource:
    return lists.page(books, params, File, "/v1/files", filters=("purpose",))
