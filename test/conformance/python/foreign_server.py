"""A server of google.longrunning.Operations that is not ours: Google's own stubs over a dictionary, without much care.

It has no Wait, no filters and no details in its errors. It prints its port, and ends when its stdin does.
"""

import concurrent.futures
import sys
import threading

import grpc
from google.longrunning import operations_pb2, operations_pb2_grpc
from google.protobuf import empty_pb2
from google.rpc import code_pb2, status_pb2

PAGE_SIZE_DEFAULT = 50


def operation(identifier, done):
    made = operations_pb2.Operation(name=f"operations/{identifier}", done=done)
    if done:
        made.response.Pack(empty_pb2.Empty())
    return made


class Operations(operations_pb2_grpc.OperationsServicer):
    def __init__(self):
        made = [operation(f"done-{n}", True) for n in range(3)] + [operation(f"running-{n}", False) for n in range(8)]
        self.operations = {each.name: each for each in made}
        self.lock = threading.Lock()

    def _named(self, request, context):
        if request.name not in self.operations:
            context.abort(grpc.StatusCode.NOT_FOUND, f"no operation {request.name}")
        return self.operations[request.name]

    def GetOperation(self, request, context):
        with self.lock:
            return self._named(request, context)

    def ListOperations(self, request, context):
        if request.page_size < 0 or request.filter or not request.page_token.isdigit() and request.page_token:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no such page, or a filter")
        start = int(request.page_token or 0)
        end = start + (request.page_size or PAGE_SIZE_DEFAULT)
        with self.lock:
            every = list(self.operations.values())
            more = str(end) if end < len(every) else ""
            return operations_pb2.ListOperationsResponse(operations=every[start:end], next_page_token=more)

    def CancelOperation(self, request, context):
        with self.lock:
            found = self._named(request, context)
            if not found.done:
                cancelled = operations_pb2.Operation(name=found.name, done=True)
                cancelled.error.CopyFrom(status_pb2.Status(code=code_pb2.CANCELLED, message="cancelled"))
                self.operations[found.name] = cancelled
        return empty_pb2.Empty()

    def DeleteOperation(self, request, context):
        with self.lock:
            del self.operations[self._named(request, context).name]
        return empty_pb2.Empty()


server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=8))
operations_pb2_grpc.add_OperationsServicer_to_server(Operations(), server)
PORT = server.add_insecure_port("127.0.0.1:0")
server.start()
print(PORT, flush=True)
sys.stdin.read()
server.stop(None)
