"""What people do with google-cloud-storage-transfer, against the sidecar, on insecure channels."""

import asyncio
import concurrent.futures
import datetime
import hashlib
import json
import os
import re
import time

import grpc
from google.api_core import exceptions, grpc_helpers
from google.api_core import operation as api_operation
from google.cloud import storage_transfer_v1 as transfer
from google.cloud.storage_transfer_v1.services.storage_transfer_service import transports
from google.longrunning import operations_pb2
from google.longrunning import operations_pb2_grpc as operations_grpc
from google.protobuf import duration_pb2, empty_pb2
from google.rpc import code_pb2, error_details_pb2

from checks import check, equal, refused, until
from lost_answer import LosesFirstAnswer

ADDRESS = os.environ["SIDECAR_ADDRESS"]
SOCKET = os.environ["SIDECAR_SOCKET"]
ROOT = os.environ["SIDECAR_ROOT"]
PROJECT = "python"
MIB = 1024 * 1024
Status = transfer.TransferOperation.Status
CANCEL = "/google.longrunning.Operations/CancelOperation"


def client_of(channel):
    transport = transports.StorageTransferServiceGrpcTransport(channel=channel)
    return transfer.StorageTransferServiceClient(transport=transport)


def spec(source, sink):
    return {
        "posix_data_source": {"root_directory": f"{ROOT}/{source}"},
        "posix_data_sink": {"root_directory": f"{ROOT}/{sink}"},
    }


def job_request(source="small", sink="small-python", **fields):
    job = {"project_id": PROJECT, "status": "ENABLED", "transfer_spec": spec(source, sink), **fields}
    return {"transfer_job": job}


channel = grpc.insecure_channel(ADDRESS)
client = client_of(channel)
operations = client.transport.operations_client
stub = operations_grpc.OperationsStub(channel)


def create(*args, **fields):
    return client.create_transfer_job(job_request(*args, **fields))


def get_job(name):
    return client.get_transfer_job({"job_name": name, "project_id": PROJECT})


def run(name):
    return client.run_transfer_job({"job_name": name, "project_id": PROJECT})


def list_operations(**keys):
    return list(operations.list_operations("transferOperations", json.dumps({"projectId": PROJECT, **keys})))


def metadata_of(operation):
    return transfer.TransferOperation.deserialize(operation.metadata.value)


def status_of(name):
    return metadata_of(operations.get_operation(name)).status


def tree(path):
    """What is below `path`: of each file the modification time in microseconds, which is what is promised, and the content's digest."""
    found = {}
    for directory, _, names in os.walk(path):
        for file in (os.path.join(directory, name) for name in names):
            with open(file, "rb") as content:
                digest = hashlib.file_digest(content, "sha256").hexdigest()
            found[os.path.relpath(file, path)] = (os.stat(file).st_mtime_ns // 1000, digest)
    return found


def counted(metadata, **expected):
    equal({key: getattr(metadata.counters, key) for key in expected}, expected)


# Jobs.

with check("create_transfer_job answers the job with a name and times of the server"):
    job = create(description="from Python")
    assert re.fullmatch(r"transferJobs/\d+", job.name), job.name
    equal(job.status, transfer.TransferJob.Status.ENABLED)
    age = datetime.datetime.now(datetime.timezone.utc) - job.creation_time
    assert datetime.timedelta(seconds=-5) < age < datetime.timedelta(seconds=60), age
    equal(job.last_modification_time, job.creation_time)

with check("get_transfer_job answers what create answered"):
    equal(get_job(job.name), job)

with check("a job keeps the name it was given, and a second one of that name is ALREADY_EXISTS"):
    equal(create(name="transferJobs/OPI-named.python").name, "transferJobs/OPI-named.python")
    metadata = {"transferJob": "transferJobs/OPI-named.python"}
    refused(lambda: create(name="transferJobs/OPI-named.python"), exceptions.AlreadyExists, "TRANSFER_JOB_EXISTS", **metadata)

with check("of 16 creates of one name at the same time one succeeds"):

    def outcome(_):
        try:
            return create(name="transferJobs/contended").name
        except exceptions.AlreadyExists as error:
            return error.reason

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(outcome, range(16)))
    equal(sorted(outcomes), ["TRANSFER_JOB_EXISTS"] * 15 + ["transferJobs/contended"])

with check("list_transfer_jobs pages through every job once, the newest first"):
    jobs = list(client.list_transfer_jobs({"filter": json.dumps({"projectId": PROJECT}), "page_size": 1}))
    equal([each.name for each in jobs], ["transferJobs/contended", "transferJobs/OPI-named.python", job.name])

with check("update_transfer_job changes what its mask names"):
    change = {"description": "changed", "status": "DISABLED"}
    request = {
        "job_name": job.name,
        "project_id": PROJECT,
        "transfer_job": change,
        "update_transfer_job_field_mask": {"paths": ["description"]},
    }
    updated = client.update_transfer_job(request)
    equal((updated.description, updated.status), ("changed", transfer.TransferJob.Status.ENABLED))
    equal(get_job(job.name), updated)

# A run to its end.

with check("run_transfer_job answers a future: result() is Empty, and the metadata counts every file"):
    future = run(job.name)
    assert isinstance(future, api_operation.Operation), type(future)
    assert isinstance(future.metadata, transfer.TransferOperation), type(future.metadata)
    assert isinstance(future.result(timeout=200), empty_pb2.Empty)
    equal((future.done(), future.cancelled(), future.running(), future.exception()), (True, False, False, None))
    equal((future.metadata.status, future.metadata.name), (Status.SUCCESS, future.operation.name))
    equal((future.metadata.transfer_job_name, future.metadata.project_id), (job.name, PROJECT))
    counted(
        future.metadata,
        objects_found_from_source=30,
        objects_copied_to_sink=30,
        bytes_copied_to_sink=3000,
        objects_from_source_failed=0,
    )
    assert future.metadata.end_time >= future.metadata.start_time

with check("the files and their times are those of the source"):
    equal(tree(f"{ROOT}/small-python"), tree(f"{ROOT}/small"))

with check("the job tells its latest operation"):
    equal(get_job(job.name).latest_operation_name, future.operation.name)

with check("a second run skips every file"):
    again = run(job.name)
    again.result(timeout=200)
    counted(again.metadata, objects_from_source_skipped_by_sync=30, objects_copied_to_sink=0)

with check("cancel() of a finished future is False, and sends nothing"):
    equal(future.cancel(), False)

with check("a cancel of a finished operation is OK and changes nothing"):
    before = operations.get_operation(future.operation.name)
    operations.cancel_operation(future.operation.name)
    equal(operations.get_operation(future.operation.name), before)

with check("add_done_callback is called with the finished future"):
    called = concurrent.futures.Future()
    third = run(job.name)
    third.add_done_callback(called.set_result)
    assert called.result(timeout=200) is third
    assert isinstance(third.result(timeout=200), empty_pb2.Empty)

# A run that is stopped.

with check("a run that goes on is running(), not done, without a result"):
    large_job = create("large", "large-python")
    stopped = run(large_job.name)
    until(lambda: metadata_of(operations.get_operation(stopped.operation.name)).counters.objects_copied_to_sink == 3)
    equal((stopped.running(), stopped.done(), stopped.cancelled()), (True, False, False))
    equal(stopped.metadata.status, Status.IN_PROGRESS)
    equal(stopped.operation.WhichOneof("result"), None)

with check("a second run of the same job is ABORTED, naming the operation that is not done"):
    metadata = {"transferJob": large_job.name, "transferOperation": stopped.operation.name}
    refused(lambda: run(large_job.name), exceptions.Aborted, "TRANSFER_JOB_HAS_ACTIVE_OPERATION", **metadata)

with check("result(timeout) of a run that goes on gives up, and the run goes on"):
    try:
        stopped.result(timeout=0.2)
    except (concurrent.futures.TimeoutError, exceptions.RetryError):
        equal(stopped.done(), False)
    else:
        raise AssertionError("answered")

with check("WaitOperation answers the running operation when its timeout is over"):
    start = time.monotonic()
    answer = stub.WaitOperation(
        operations_pb2.WaitOperationRequest(name=stopped.operation.name, timeout=duration_pb2.Duration(nanos=300_000_000))
    )
    equal(answer.done, False)
    assert time.monotonic() - start > 0.25

with check("WaitOperation answers before the caller's deadline, not with DEADLINE_EXCEEDED"):
    equal(stub.WaitOperation(operations_pb2.WaitOperationRequest(name=stopped.operation.name), timeout=20.8).done, False)

with check("cancel() is True; a parked WaitOperation and the future see the end with code CANCELLED"):
    waiting = stub.WaitOperation.future(operations_pb2.WaitOperationRequest(name=stopped.operation.name), timeout=200)
    equal(stopped.cancel(), True)
    answer = waiting.result()
    equal((answer.done, answer.error.code), (True, code_pb2.CANCELLED))
    equal(metadata_of(answer).status, Status.ABORTED)
    try:
        stopped.result(timeout=200)
    except exceptions.Cancelled as error:
        equal(error.code, 499)
    else:
        raise AssertionError("answered")
    equal((stopped.cancelled(), stopped.done(), stopped.running()), (True, True, False))
    equal(stopped.metadata.status, Status.ABORTED)

with check("the error of a cancelled operation says that the work has stopped, and when"):
    info = error_details_pb2.ErrorInfo()
    assert stopped.operation.error.details[0].Unpack(info)
    equal((info.reason, info.metadata["stopConfirmed"]), ("OPERATION_CANCELLED", "true"))
    assert info.metadata["cancelStopTime"] >= info.metadata["cancelRequestTime"]

with check("after a cancel the destination holds whole files only, and no longer changes"):
    left = tree(f"{ROOT}/large-python")
    source = tree(f"{ROOT}/large")
    equal(left, {f"file-{index}": source[f"file-{index}"] for index in range(3)})
    time.sleep(0.3)
    equal(tree(f"{ROOT}/large-python"), left)

with check("cancel() again is False; CancelOperation again is OK and changes nothing"):
    equal(stopped.cancel(), False)
    before = operations.get_operation(stopped.operation.name)
    for _ in range(3):
        operations.cancel_operation(stopped.operation.name)
    equal(operations.get_operation(stopped.operation.name), before)

with check("the job stays ENABLED, and its next run copies exactly the remainder"):
    equal(get_job(large_job.name).status, transfer.TransferJob.Status.ENABLED)
    rest = run(large_job.name)
    rest.result(timeout=200)
    counted(rest.metadata, objects_from_source_skipped_by_sync=3, objects_copied_to_sink=1, bytes_copied_to_sink=128 * MIB)
    equal(tree(f"{ROOT}/large-python"), tree(f"{ROOT}/large"))

with check("a cancel whose first answer is lost is sent again, and is OK"):
    lossy = LosesFirstAnswer(CANCEL)
    lossy_client = client_of(grpc.intercept_channel(channel, lossy))
    lost = run(create("large", "large-lossy").name)
    lossy_client.transport.operations_client.cancel_operation(lost.operation.name)
    equal(lossy.sent_count, 2)
    until(lambda: lost.done())
    equal(lost.cancelled(), True)

with check("a cancel right after the run, before it was claimed, ends it all the same"):
    early = [run(create("large", f"large-early-{index}").name) for index in range(12)]
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda each: operations.cancel_operation(each.operation.name), early))
    for each in early:
        until(lambda: each.done())
        equal((each.cancelled(), metadata_of(each.operation).status), (True, Status.ABORTED))

with check("of 16 runs of one job at the same time one starts"):
    contended = create("large", "large-contended")

    def start_outcome(_):
        try:
            return run(contended.name)
        except exceptions.Aborted as error:
            return error.reason

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(start_outcome, range(16)))
    started = [each for each in outcomes if each != "TRANSFER_JOB_HAS_ACTIVE_OPERATION"]
    equal(len(started), 1)
    equal(started[0].cancel(), True)
    until(started[0].done)

with check("PauseTransferOperation ends in PAUSED, resume goes on to SUCCESS"):
    paused = run(create("large", "large-paused").name)
    name = {"name": paused.operation.name}
    until(lambda: status_of(paused.operation.name) == Status.IN_PROGRESS)
    client.pause_transfer_operation(name)
    until(lambda: status_of(paused.operation.name) == Status.PAUSED)
    equal(paused.done(), False)
    refused(
        lambda: client.pause_transfer_operation(name),
        exceptions.FailedPrecondition,
        "OPERATION_STATE_FORBIDS",
        operation=paused.operation.name,
        state="PAUSED",
    )
    client.resume_transfer_operation(name)
    paused.result(timeout=200)
    equal(tree(f"{ROOT}/large-paused"), tree(f"{ROOT}/large"))
    counted(paused.metadata, objects_copied_to_sink=4, bytes_copied_to_sink=128 * MIB + 300)

with check("a paused run that is cancelled ends at once, and what it staged is removed soon"):
    held = run(create("large", "large-held").name)
    until(lambda: status_of(held.operation.name) == Status.IN_PROGRESS)
    client.pause_transfer_operation({"name": held.operation.name})
    until(lambda: status_of(held.operation.name) == Status.PAUSED)
    equal(held.cancel(), True)
    equal((held.done(), held.cancelled()), (True, True))
    until(lambda: not any(name.startswith(".") for name in os.listdir(f"{ROOT}/large-held")))

# Lists.

with check("list_operations pages through every operation once, the newest first, whatever the page size"):
    whole = [each.name for each in list_operations()]
    assert len(whole) > 15 and len(set(whole)) == len(whole), whole
    starts = [int(each.rpartition("-")[2]) for each in whole]
    equal(starts, sorted(starts, reverse=True))
    paged, token = [], ""
    while True:
        request = operations_pb2.ListOperationsRequest(
            name="transferOperations", filter=json.dumps({"projectId": PROJECT}), page_size=4, page_token=token
        )
        page = stub.ListOperations(request)
        assert len(page.operations) <= 4
        paged.extend(each.name for each in page.operations)
        token = page.next_page_token
        if not token:
            break
    equal(paged, whole)

with check("list_operations filters by job, operation, pattern and status, as gcloud writes it"):
    of_job = [each.name for each in list_operations(jobNames=[job.name], operationNames=None, transferStatuses=None)]
    equal(of_job, [third.operation.name, again.operation.name, future.operation.name])
    equal([each.name for each in list_operations(operationNames=[again.operation.name])], [again.operation.name])
    equal([each.name for each in list_operations(jobNamePattern=f"{job.name[:-3]}*")], of_job)
    aborted = {each.name for each in list_operations(transferStatuses=["aborted"])}
    assert stopped.operation.name in aborted and not aborted & set(of_job), aborted
    equal(list_operations(transferStatuses=["IN_PROGRESS", "PAUSED"]), [])
    equal(list_operations(minCreationTime="2100-01-01T00:00:00Z"), [])

with check("an operation of a list is the one that get answers"):
    for each in list_operations():
        equal(operations.get_operation(each.name), each)

with check("list_operations of another project is empty"):
    equal(list(operations.list_operations("transferOperations", '{"projectId":"another"}')), [])

# Errors.

MISSING = "transferOperations/missing"


def list_with(filter_text, **fields):
    """api_core's client sets no page size: its error handling around a request of ours."""
    request = operations_pb2.ListOperationsRequest(name="transferOperations", filter=filter_text, **fields)
    return lambda: grpc_helpers.wrap_errors(stub.ListOperations)(request)


def wait(name, **duration):
    request = operations_pb2.WaitOperationRequest(name=name, timeout=duration_pb2.Duration(**duration))
    return grpc_helpers.wrap_errors(stub.WaitOperation)(request, timeout=60)


with check("NOT_FOUND: operations and jobs that do not exist, and jobs of another project"):
    for call in (operations.get_operation, operations.cancel_operation):
        refused(lambda: call(MISSING), exceptions.NotFound, "OPERATION_NOT_FOUND", operation=MISSING)
    refused(lambda: client.pause_transfer_operation({"name": MISSING}), exceptions.NotFound, "OPERATION_NOT_FOUND")
    refused(lambda: client.resume_transfer_operation({"name": MISSING}), exceptions.NotFound, "OPERATION_NOT_FOUND")
    refused(
        lambda: get_job("transferJobs/missing"),
        exceptions.NotFound,
        "TRANSFER_JOB_NOT_FOUND",
        transferJob="transferJobs/missing",
    )
    refused(lambda: run("transferJobs/missing"), exceptions.NotFound, "TRANSFER_JOB_NOT_FOUND")
    foreign = {"job_name": job.name, "project_id": "another"}
    refused(lambda: client.get_transfer_job(foreign), exceptions.NotFound, "TRANSFER_JOB_NOT_FOUND", projectId="another")
    refused(lambda: client.run_transfer_job(foreign), exceptions.NotFound, "TRANSFER_JOB_NOT_FOUND")
    refused(lambda: client.delete_transfer_job(foreign), exceptions.NotFound, "TRANSFER_JOB_NOT_FOUND")

with check("INVALID_ARGUMENT: names that are empty, malformed or of a collection"):
    for name in (
        "",
        "x",
        "transferOperations",
        "transferOperations/",
        "/transferOperations/1",
        "transferJobs/1",
        "transferOperations/a//b",
        "transferOperations/\n",
        "transferOperations/\u00fc" * 300,
    ):
        refused(
            lambda: operations.get_operation(name),
            exceptions.InvalidArgument,
            "INVALID_NAME",
            "storagetransfer.googleapis.com" if name.startswith("transferOperations") else "longrunning.googleapis.com",
        )

with check("INVALID_ARGUMENT: filters, page sizes and page tokens that cannot be served"):
    for text in (
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"projectId":1}',
        '{"projectId":"p","unknown":1}',
        '{"projectId":"p","transferStatuses":["NO"]}',
        '{"projectId":"p","minCreationTime":"yesterday"}',
    ):
        refused(list_with(text), exceptions.InvalidArgument, "INVALID_FILTER")
    project = json.dumps({"projectId": PROJECT})
    refused(list_with(project, page_size=-1), exceptions.InvalidArgument, "INVALID_FIELD", field="page_size")
    token = stub.ListOperations(
        operations_pb2.ListOperationsRequest(name="transferOperations", filter=project, page_size=1)
    ).next_page_token
    for bad in ("x", token[:-1], token + "A", token[::-1], "%", "\u00e9"):
        refused(list_with(project, page_token=bad), exceptions.InvalidArgument, "PAGE_TOKEN_INVALID")
    refused(list_with('{"projectId":"another"}', page_token=token), exceptions.InvalidArgument, "PAGE_TOKEN_MISMATCH")
    equal(len(list_with(project, page_size=100_000)().operations), len(whole))

with check("INVALID_ARGUMENT: jobs without a status, a project or a spec, and with paths that are no paths"):
    bad_jobs = [
        {},
        {"project_id": PROJECT, "status": "ENABLED"},
        {"status": "ENABLED", "transfer_spec": spec("small", "x")},
        {"project_id": PROJECT, "transfer_spec": spec("small", "x")},
        {"project_id": PROJECT, "status": "DELETED", "transfer_spec": spec("small", "x")},
        {"project_id": PROJECT, "status": "ENABLED", "transfer_spec": spec("small", "../outside")},
        {"project_id": PROJECT, "status": "ENABLED", "transfer_spec": spec("small", "small/inside")},
        {"project_id": PROJECT, "status": "ENABLED", "transfer_spec": spec("small", "small")},
        {"project_id": PROJECT, "status": "ENABLED", "transfer_spec": spec("small", "x\0y")},
        {"project_id": PROJECT, "status": "ENABLED", "transfer_spec": spec("small", "x"), "name": "transferJobs/"},
        {"project_id": PROJECT, "status": "ENABLED", "transfer_spec": spec("small", "x"), "description": "x" * 1025},
    ]
    for bad in bad_jobs:
        try:
            answer = client.create_transfer_job({"transfer_job": bad})
        except exceptions.InvalidArgument as error:
            assert error.reason and error.domain == "storagetransfer.googleapis.com", (bad, error)
        else:
            raise AssertionError(f"accepted: {answer!r}")

with check("INVALID_ARGUMENT: an update of a field that cannot be updated, and nothing has changed"):
    before = get_job(job.name)
    request = {
        "job_name": job.name,
        "project_id": PROJECT,
        "transfer_job": {"description": "x"},
        "update_transfer_job_field_mask": {"paths": ["description", "creation_time"]},
    }
    refused(
        lambda: client.update_transfer_job(request), exceptions.InvalidArgument, "FIELD_NOT_UPDATABLE", path="creation_time"
    )
    equal(get_job(job.name), before)

with check("INVALID_ARGUMENT: what is too long or too deep to be served, answered at once"):
    start = time.monotonic()
    refused(list_with('{"projectId":' + "[" * 50_000 + "]" * 50_000 + "}"), exceptions.InvalidArgument, "INVALID_FILTER")
    pattern = json.dumps({"projectId": PROJECT, "operationNamePattern": "*1" * 30_000})
    refused(list_with(pattern), exceptions.InvalidArgument, "INVALID_FILTER")
    for sink in ("x" * 256, "x/" * 1_000_000, "x" * 1_000_000):
        refused(lambda: create("small", sink), exceptions.InvalidArgument, "INVALID_FIELD")
    # Not by the client: its routing header would repeat the name, and 64 KiB of headers are more than Node takes.
    request = operations_pb2.GetOperationRequest(name="transferOperations/" + "x" * 1_000_000)
    get = grpc_helpers.wrap_errors(stub.GetOperation)
    refused(lambda: get(request, timeout=60), exceptions.InvalidArgument, "INVALID_NAME")
    # What grows with the square of its length, or worse, takes minutes.
    assert time.monotonic() - start < 60, time.monotonic() - start

with check("PERMISSION_DENIED: a directory outside the roots, naming the flag, however long its name"):
    far = {"posix_data_source": {"root_directory": "/" + "x/" * 2000}, "posix_data_sink": {"root_directory": f"{ROOT}/x"}}
    request = {"transfer_job": {"project_id": PROJECT, "status": "ENABLED", "transfer_spec": far}}
    # The path would not fit into what gRPC's C core accepts of an error.
    refused(lambda: client.create_transfer_job(request), exceptions.PermissionDenied, "PATH_OUTSIDE_ROOTS")
    outside = {
        "project_id": PROJECT,
        "status": "ENABLED",
        "transfer_spec": {"posix_data_source": {"root_directory": "/etc"}, "posix_data_sink": {"root_directory": f"{ROOT}/x"}},
    }
    refused(
        lambda: client.create_transfer_job({"transfer_job": outside}),
        exceptions.PermissionDenied,
        "PATH_OUTSIDE_ROOTS",
        flag="--posix-root",
    )

with check("FAILED_PRECONDITION: pause and resume of what is done"):
    for call in (client.pause_transfer_operation, client.resume_transfer_operation):
        refused(
            lambda: call({"name": future.operation.name}),
            exceptions.FailedPrecondition,
            "OPERATION_STATE_FORBIDS",
            operation=future.operation.name,
        )

with check("UNIMPLEMENTED: a delete of transfer operations, and fields that are not served, by name"):
    refused(lambda: operations.delete_operation(future.operation.name), exceptions.MethodNotImplemented, "METHOD_NOT_SERVED")
    account = {"service_account": "projects/-/serviceAccounts/1"}
    error = refused(lambda: create(**account), exceptions.MethodNotImplemented, "FIELD_NOT_IMPLEMENTED")
    assert "service_account" in error.metadata["field"], error.metadata
    source = {"bucket_name": "bucket", "endpoint": "s3.example.com", "s3_metadata": {"auth_method": "AUTH_METHOD_AWS_SIGNATURE_V2"}}
    compatible = {"aws_s3_compatible_data_source": source, "posix_data_sink": {"root_directory": f"{ROOT}/x"}}
    refused(
        lambda: client.create_transfer_job(job_request(transfer_spec=compatible)),
        exceptions.MethodNotImplemented,
        "FIELD_NOT_IMPLEMENTED",
        field="transfer_job.transfer_spec.aws_s3_compatible_data_source.s3_metadata.auth_method",
    )

with check("PERMISSION_DENIED: a bucket that the operator has not bound"):
    unbound = {"gcs_data_source": {"bucket_name": "bucket"}, "posix_data_sink": {"root_directory": f"{ROOT}/x"}}
    refused(
        lambda: client.create_transfer_job(job_request(transfer_spec=unbound)),
        exceptions.PermissionDenied,
        "BUCKET_NOT_BOUND",
        bucket="bucket",
    )

with check("a schedule is kept as it was sent, and refused where it is none"):
    start = {"schedule_start_date": {"year": 2030, "month": 1, "day": 1}, "start_time_of_day": {"hours": 9}}
    scheduled = create(schedule=start)
    assert get_job(scheduled.name).schedule.schedule_start_date.year == 2030
    assert get_job(scheduled.name).schedule.start_time_of_day.hours == 9
    hasty = {**start, "repeat_interval": {"seconds": 60}}
    refused(lambda: create(schedule=hasty), exceptions.InvalidArgument, "INVALID_FIELD")
    client.delete_transfer_job({"job_name": scheduled.name, "project_id": PROJECT})

with check("agent pools are created, changed, listed and deleted"):
    pool = client.create_agent_pool(
        {"project_id": PROJECT, "agent_pool_id": "walk", "agent_pool": {"display_name": "Walk", "bandwidth_limit": {"limit_mbps": 50}}}
    )
    assert pool.state.name == "CREATED" and pool.name == f"projects/{PROJECT}/agentPools/walk", pool
    change = {"agent_pool": {"name": pool.name, "display_name": "Ran"}, "update_mask": {"paths": ["display_name"]}}
    changed = client.update_agent_pool(change)
    assert changed.display_name == "Ran" and changed.bandwidth_limit.limit_mbps == 50, changed
    assert [each.name for each in client.list_agent_pools({"project_id": PROJECT})] == [pool.name]
    client.delete_agent_pool({"name": pool.name})
    refused(lambda: client.get_agent_pool({"name": pool.name}), exceptions.NotFound, "AGENT_POOL_NOT_FOUND")

with check("RESOURCE_EXHAUSTED: a request of 5 MiB, and the channel lives on"):
    try:
        create(description="x" * 5 * MIB)
    except exceptions.ResourceExhausted:
        equal(get_job(job.name).name, job.name)
    else:
        raise AssertionError("accepted")

with check("a source that is gone fails the operation with NOT_FOUND, as result() tells"):
    lost = run(create("nowhere", "nowhere-python").name)
    try:
        lost.result(timeout=200)
    except exceptions.NotFound:
        equal(lost.operation.error.code, code_pb2.NOT_FOUND)
        equal((lost.metadata.status, lost.cancelled()), (Status.FAILED, False))
    else:
        raise AssertionError("answered")

with check("WaitOperation refuses a negative timeout, and answers at once with an empty one of zero"):
    refused(lambda: wait(future.operation.name, seconds=-1), exceptions.InvalidArgument, "INVALID_FIELD", field="timeout")
    equal(wait(future.operation.name).done, True)
    refused(lambda: wait(MISSING), exceptions.NotFound, "OPERATION_NOT_FOUND", operation=MISSING)

# Other ways in.

with check("the asyncio client runs a job to its end and cancels another"):

    async def walk_async():
        transport = transports.StorageTransferServiceGrpcAsyncIOTransport(channel=grpc.aio.insecure_channel(ADDRESS))
        async_client = transfer.StorageTransferServiceAsyncClient(transport=transport)
        small = await async_client.create_transfer_job(job_request("small", "small-async"))
        done = await async_client.run_transfer_job({"job_name": small.name, "project_id": PROJECT})
        assert isinstance(await done.result(timeout=200), empty_pb2.Empty)
        large = await async_client.create_transfer_job(job_request("large", "large-async"))
        going = await async_client.run_transfer_job({"job_name": large.name, "project_id": PROJECT})
        equal(await going.cancel(), True)
        try:
            await going.result(timeout=200)
        except exceptions.GoogleAPICallError:
            # api_core's AsyncOperation raises no narrower class, whatever the code.
            equal((await going.cancelled(), going.operation.error.code), (True, code_pb2.CANCELLED))
        else:
            raise AssertionError("answered")
        await transport.close()

    asyncio.run(walk_async())

with check("the same is served on the Unix socket"):
    with grpc.insecure_channel(f"unix:{SOCKET}") as local:
        local_client = client_of(local)
        equal(local_client.get_transfer_job({"job_name": job.name, "project_id": PROJECT}).name, job.name)
        future = local_client.run_transfer_job({"job_name": job.name, "project_id": PROJECT})
        assert isinstance(future.result(timeout=200), empty_pb2.Empty)

with check("delete_transfer_job leaves a DELETED job that cannot be run; deleting it again is OK"):
    key = {"job_name": job.name, "project_id": PROJECT}
    client.delete_transfer_job(key)
    client.delete_transfer_job(key)
    deleted = get_job(job.name)
    equal(deleted.status, transfer.TransferJob.Status.DELETED)
    assert deleted.deletion_time >= deleted.creation_time
    refused(lambda: run(job.name), exceptions.FailedPrecondition, "TRANSFER_JOB_DELETED", transferJob=job.name)
    assert future.operation.name in [each.name for each in list_operations()]
