"""What people do over HTTP/JSON with google-api-python-client, api_core's REST client of operations, and the REST transport of
google-cloud-storage-transfer, against the sidecar."""

import base64
import hashlib
import json
import os

import googleapiclient.discovery
import googleapiclient.discovery_cache
import googleapiclient.errors
import googleapiclient.http
import google.auth.credentials
import httplib2
from google.api_core import exceptions, operations_v1
from google.api_core.operations_v1.transports.rest import OperationsRestTransport
from google.cloud import storage_transfer_v1 as transfer
from google.cloud.storage_transfer_v1.services.storage_transfer_service import transports
from google.protobuf import empty_pb2

from checks import check, equal, until

ADDRESS = os.environ["SIDECAR_HTTP"]
ROOT = os.environ["SIDECAR_ROOT"]
PROJECT = "python-http"
ANONYMOUS = google.auth.credentials.AnonymousCredentials()
TRANSFER_OPERATION = "type.googleapis.com/google.storagetransfer.v1.TransferOperation"

# MAX_URI_LENGTH of googleapiclient/http.py: longer GETs are sent as POSTs.
URL_LENGTH_MAX = 2048


class RecordingHttp(httplib2.Http):
    """Keeps what was sent last."""

    def request(self, uri, method="GET", body=None, headers=None, **options):  # pylint: disable=arguments-differ
        self.last = (method, uri, body, dict(headers or {}))
        return super().request(uri, method=method, body=body, headers=headers, **options)


http = RecordingHttp(timeout=200)


def service_of(name, version):
    """A client made of the discovery document that the package brings, as Google publishes it."""
    options = {"api_endpoint": f"http://{ADDRESS}/"}
    return googleapiclient.discovery.build(name, version, http=http, client_options=options, static_discovery=True)


service = service_of("storagetransfer", "v1")
jobs = service.transferJobs()
operations = service.transferOperations()


def create(source, sink, **fields):
    spec = {"posixDataSource": {"rootDirectory": f"{ROOT}/{source}"}, "posixDataSink": {"rootDirectory": f"{ROOT}/{sink}"}}
    body = {"projectId": PROJECT, "status": "ENABLED", "transferSpec": spec, **fields}
    return jobs.create(body=body).execute()


def start(source, sink):
    return jobs.run(jobName=create(source, sink)["name"], body={"projectId": PROJECT}).execute()["name"]


def get(name):
    return operations.get(name=name).execute()


def started(sink):
    """A transfer that is under way, and goes on for seconds."""
    name = start("large", sink)
    until(lambda: get(name)["metadata"]["status"] == "IN_PROGRESS")
    return name


def until_done(name):
    until(lambda: get(name).get("done"))
    return get(name)


def filter_of(**keys):
    return json.dumps({"projectId": PROJECT, **keys})


def names_of(page_size=None, **keys):
    """The names of all pages, and how many pages there were."""
    request = operations.list(name="transferOperations", filter=filter_of(**keys), pageSize=page_size)
    pages = []
    while request is not None:
        pages.append(request.execute())
        request = operations.list_next(request, pages[-1])
    return [operation["name"] for page in pages for operation in page.get("operations", [])], len(pages)


def refused(call, status, code, reason):
    """Demands that googleapiclient raises this status and tells the ErrorInfo."""
    try:
        answer = call()
    except googleapiclient.errors.HttpError as error:
        told = json.loads(error.content)["error"]
        found = (error.resp.status, told["code"], told["status"], error.error_details[0]["reason"])
        equal(found, (status, status, code, reason))
        return error
    raise AssertionError(f"accepted: {answer!r}")


# google-api-python-client.

with check("googleapiclient: a job is created, got, listed and changed by its mask"):
    job = create("small", "small-http", description="from Python")
    equal(jobs.get(jobName=job["name"], projectId=PROJECT).execute(), job)
    equal([each["name"] for each in jobs.list(filter=filter_of()).execute()["transferJobs"]], [job["name"]])
    change = {"projectId": PROJECT, "transferJob": {"description": "changed"}, "updateTransferJobFieldMask": "description"}
    changed = jobs.patch(jobName=job["name"], body=change).execute()
    equal((changed["description"], changed["status"]), ("changed", "ENABLED"))

with check("googleapiclient: a run is polled until it is done, with a response, and its counters are decimal texts"):
    first = start("small", "small-http")
    done = until_done(first)
    equal(done["response"], {"@type": "type.googleapis.com/google.protobuf.Empty"})
    equal((done["metadata"]["@type"], done["metadata"]["status"]), (TRANSFER_OPERATION, "SUCCESS"))
    equal(done["metadata"]["counters"]["objectsCopiedToSink"], "30")

with check("googleapiclient: cancel of a running transfer answers an empty object and stops it"):
    stopped = started("large-http")
    equal(operations.cancel(name=stopped, body={}).execute(), {})
    ended = until_done(stopped)
    equal((ended["error"]["code"], ended["metadata"]["status"]), (1, "ABORTED"))
    equal(ended["error"]["details"][0]["metadata"]["stopConfirmed"], "true")
    # Without a body it sends Content-Length: 0.
    equal(operations.cancel(name=stopped).execute(), {})
    equal(get(stopped), ended)

with check("googleapiclient: pause, resume and cancel"):
    held = started("large-http-held")
    equal(operations.pause(name=held, body={}).execute(), {})
    until(lambda: get(held)["metadata"]["status"] == "PAUSED")
    equal(operations.resume(name=held, body={}).execute(), {})
    equal(operations.cancel(name=held, body={}).execute(), {})
    equal(until_done(held)["error"]["code"], 1)

with check("googleapiclient: list_next pages through every operation once"):
    whole, page_count = names_of()
    equal((whole, page_count), ([held, stopped, first], 1))
    paged, page_count = names_of(page_size=1)
    equal(paged, whole)
    assert page_count >= len(whole), page_count
    equal(names_of(transferStatuses=["ABORTED"])[0], [held, stopped])

with check("googleapiclient: a list whose URL were longer than 2,048 characters is sent as a POST, and answers and pages the same"):
    long_keys = {"operationNames": [first, stopped, *(f"transferOperations/none-{index}" for index in range(250))]}
    equal(names_of(page_size=1, **long_keys)[0], [stopped, first])
    method, uri, body, headers = http.last
    sent = {name.lower(): value for name, value in headers.items()}
    equal((method, sent["x-http-method-override"]), ("POST", "GET"))
    # The next page's token is added to the URL, with the query of the first still in the body.
    assert "?pageToken=" in uri and len(body) > URL_LENGTH_MAX, (uri, len(body))

with check("googleapiclient: every system parameter of the discovery document is taken"):
    parameters = {
        "alt": "json",
        "fields": "name,metadata(status,counters/objectsCopiedToSink)",
        "prettyPrint": False,
        "quotaUser": "q u+%",
        "key": "k",
        "oauth_token": "t",
        "access_token": "t",
        "uploadType": "media",
        "upload_protocol": "raw",
        "x__xgafv": "2",
    }
    answer = operations.get(name=first, **parameters).execute()
    metadata = {"@type": TRANSFER_OPERATION, "status": "SUCCESS", "counters": {"objectsCopiedToSink": "30"}}
    equal(answer, {"name": first, "metadata": metadata})
    equal(operations.cancel(name=first, body={}, callback="cb", **{**parameters, "fields": "*"}).execute(), {})

with check("googleapiclient: refusals are HttpErrors with their ErrorInfo"):
    missing = "transferOperations/a/b c%+é"
    error = refused(operations.get(name=missing).execute, 404, "NOT_FOUND", "OPERATION_NOT_FOUND")
    equal(error.error_details[0]["metadata"]["operation"], missing)
    refused(operations.pause(name=first, body={}).execute, 400, "FAILED_PRECONDITION", "OPERATION_STATE_FORBIDS")
    refused(operations.list(name="transferOperations", filter="{").execute, 400, "INVALID_ARGUMENT", "INVALID_FILTER")
    refused(operations.list(name="transferOperations", filter=filter_of(), pageToken="tok+/=").execute, 400, "INVALID_ARGUMENT", "PAGE_TOKEN_INVALID")

with check("googleapiclient: a batch answers each of its calls, and its cancel stops a running transfer"):
    batched = started("large-http-batch")
    answers = {}

    def keep(request_id, answer, error):
        answers[request_id] = error.resp.status if error else answer

    # new_batch_http_request() knows no endpoint but Google's.
    batch = googleapiclient.http.BatchHttpRequest(callback=keep, batch_uri=f"http://{ADDRESS}/batch")
    batch.add(operations.get(name=first, fields="name,done"), request_id="get")
    batch.add(operations.cancel(name=batched, body={}), request_id="cancel")
    batch.add(operations.get(name="transferOperations/missing"), request_id="missing")
    batch.execute(http=http)
    equal(answers, {"get": {"name": first, "done": True}, "cancel": {}, "missing": 404})
    equal(until_done(batched)["error"]["code"], 1)

# The REST transport of google-cloud-storage-transfer, and the operations client that it has.

rest = transports.StorageTransferServiceRestTransport(host=ADDRESS, url_scheme="http", credentials=ANONYMOUS)
client = transfer.StorageTransferServiceClient(transport=rest)

with check("google-cloud-storage-transfer over REST: a job's run ends with result()"):
    request = {"job_name": job["name"], "project_id": PROJECT}
    equal(client.get_transfer_job(request).description, "changed")
    future = client.run_transfer_job(request)
    assert isinstance(future.result(timeout=200), empty_pb2.Empty)
    equal(future.metadata.status, transfer.TransferOperation.Status.SUCCESS)
    assert job["name"] in [each.name for each in client.list_transfer_jobs({"filter": filter_of(), "page_size": 1})]

with check("google-cloud-storage-transfer over REST: cancel() of a run stops it, and cancelled() says so"):
    large = create("large", "large-rest")
    future = client.run_transfer_job({"job_name": large["name"], "project_id": PROJECT})
    equal(future.cancel(), True)
    try:
        future.result(timeout=200)
    except exceptions.Cancelled:
        equal(future.cancelled(), True)
    else:
        raise AssertionError("answered")

with check("google-cloud-storage-transfer over REST: refusals are api_core's exceptions with their reasons"):
    try:
        client.get_transfer_job({"job_name": "transferJobs/missing", "project_id": PROJECT})
    except exceptions.NotFound as error:
        equal((error.reason, error.domain), ("TRANSFER_JOB_NOT_FOUND", "storagetransfer.googleapis.com"))
    else:
        raise AssertionError("answered")

# api_core's REST client of operations.

OPERATION_RULES = {
    "google.longrunning.Operations.GetOperation": [{"method": "get", "uri": "/v1/{name=operations/**}"}],
    "google.longrunning.Operations.ListOperations": [{"method": "get", "uri": "/v1/{name=operations}"}],
    "google.longrunning.Operations.CancelOperation": [{"method": "post", "uri": "/v1/{name=operations/**}:cancel", "body": "*"}],
    "google.longrunning.Operations.DeleteOperation": [{"method": "delete", "uri": "/v1/{name=operations/**}"}],
}


def operations_client(rules):
    # Without a scheme in the host it takes https, whatever its url_scheme.
    transport = OperationsRestTransport(host=f"http://{ADDRESS}", credentials=ANONYMOUS, http_options=rules)
    return operations_v1.AbstractOperationsClient(transport=transport)


def post(path, **body):
    _, content = http.request(f"http://{ADDRESS}/v1/{path}", "POST", json.dumps(body))
    return json.loads(content)


def queue(**fields):
    """Creates an operation that no worker takes."""
    return post("operations", kind="nobody", **fields)["operation"]["name"]


def walk_operations(client_of_surface, parent, names):
    listed = [each.name for each in client_of_surface.list_operations(parent, page_size=1)]
    equal(listed, names[::-1])
    equal(client_of_surface.get_operation(names[0]).done, False)
    client_of_surface.cancel_operation(names[0])
    cancelled = client_of_surface.get_operation(names[0])
    equal((cancelled.done, cancelled.error.code), (True, 1))
    equal([each.name for each in client_of_surface.list_operations(parent, "done = true")], names[:1])
    for name in names:
        client_of_surface.delete_operation(name)
    for call in (client_of_surface.get_operation, client_of_surface.cancel_operation, client_of_surface.delete_operation):
        try:
            call(names[0])
        except exceptions.NotFound as error:
            equal(error.reason, "OPERATION_NOT_FOUND")
        else:
            raise AssertionError("answered")
    equal(list(client_of_surface.list_operations(parent)), [])


with check("AbstractOperationsClient over REST gets, lists, cancels and deletes generic operations"):
    walk_operations(operations_client(OPERATION_RULES), "operations", [queue() for _ in range(3)])

with check("AbstractOperationsClient over REST, with its own paths, does so with batch operations"):
    parent = "projects/p/locations/global"
    batch_names = [queue(surface="storagebatchoperations", parent=parent) for _ in range(3)]
    walk_operations(operations_client(None), parent, batch_names)

batches = service_of("storagebatchoperations", "v1").projects().locations().operations()
apps = service_of("checks", "v1alpha").accounts().apps().operations()

with check("googleapiclient: cancel, get, list and delete of storagebatchoperations v1"):
    names = [queue(surface="storagebatchoperations", parent=parent) for _ in range(2)]
    equal(batches.cancel(name=names[0], body={}).execute(), {})
    equal(batches.get(name=names[0]).execute()["error"]["code"], 1)
    page = batches.list(name=parent, pageSize=1).execute()
    rest_page = batches.list_next(batches.list(name=parent, pageSize=1), page).execute()
    equal([each["name"] for each in page["operations"] + rest_page["operations"]], names[::-1])
    equal([batches.delete(name=name).execute() for name in names], [{}, {}])

with check("googleapiclient: cancel, wait, get, list and delete of checks v1alpha"):
    parent = "accounts/1/apps/2"
    name = queue(surface="checks", parent=parent)
    equal(apps.wait(name=name, body={"timeout": "0s"}).execute().get("done", False), False)
    equal(apps.cancel(name=name, body={}).execute(), {})
    equal(apps.wait(name=name, body={}).execute()["error"]["code"], 1)
    equal([each["name"] for each in apps.list(name=parent).execute()["operations"]], [name])
    equal(apps.delete(name=name).execute(), {})
    refused(apps.get(name=name).execute, 404, "NOT_FOUND", "OPERATION_NOT_FOUND")


def checks_with_uploads():
    """The client takes the address of uploads from the document, whatever its api_endpoint."""
    document = json.loads(googleapiclient.discovery_cache.get_static_doc("checks", "v1alpha"))
    return googleapiclient.discovery.build_from_document({**document, "rootUrl": f"http://{ADDRESS}/"}, http=http)


# Whatever ends lines, and what begins as a boundary does.
CONTENT = b"PK\x03\x04\r\n--\n\r\n\x00\r" * 1000

with check("googleapiclient: media.upload of checks v1alpha takes a file, with metadata and without, whose report is then read"):
    parent = "accounts/1/apps/uploads"
    media = googleapiclient.http.MediaInMemoryUpload(CONTENT, mimetype="application/octet-stream")
    uploads = checks_with_uploads()
    names = []
    for metadata in ({"body": {"codeReferenceId": "c"}}, {}):
        name = uploads.media().upload(parent=parent, media_body=media, **metadata).execute()["name"]
        acquired = post(f"{name}:acquire")
        analysis = acquired["request"]
        equal(analysis["request"].get("codeReferenceId"), metadata.get("body", {}).get("codeReferenceId"))
        equal(int(analysis["upload"]["sizeBytes"]), len(CONTENT))
        equal(base64.b64decode(analysis["upload"]["sha256"]), hashlib.sha256(CONTENT).digest())
        report = {"@type": "type.googleapis.com/google.checks.report.v1alpha.Report", "name": analysis["report"]}
        ended = post(f"{name}:complete", fence=acquired["lease"]["fence"], response={**report, "resultsUri": "https://example.com"})
        equal(ended["response"]["name"], analysis["report"])
        names.append(analysis["report"])
    reports = uploads.accounts().apps().reports()
    equal(reports.get(name=names[0]).execute(), {"name": names[0], "resultsUri": "https://example.com"})
    page = reports.list(parent=parent, pageSize=1).execute()
    rest_page = reports.list_next(reports.list(parent=parent, pageSize=1), page).execute()
    equal([each["name"] for each in page["reports"] + rest_page["reports"]], names[::-1])
    equal(uploads.accounts().apps().list(parent="accounts/1").execute()["apps"], [{"name": parent, "title": "uploads"}])
