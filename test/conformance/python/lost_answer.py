"""A network that loses the first answer of a method: the server has acted, the client must ask again."""

import grpc


class _Lost(grpc.RpcError, grpc.Call):
    def result(self, timeout=None):
        raise self

    def code(self):
        return grpc.StatusCode.UNAVAILABLE

    def details(self):
        return "the answer was lost"

    def initial_metadata(self):
        return ()

    def trailing_metadata(self):
        return ()

    def is_active(self):
        return False

    def time_remaining(self):
        return None

    def cancel(self):
        return False

    def add_callback(self, callback):
        return False


class LosesFirstAnswer(grpc.UnaryUnaryClientInterceptor):
    def __init__(self, method):
        self.method = method
        self.sent_count = 0

    def intercept_unary_unary(self, continuation, client_call_details, request):
        call = continuation(client_call_details, request)
        if client_call_details.method != self.method:
            return call
        self.sent_count += 1
        if self.sent_count > 1:
            return call
        call.result()
        return _Lost()
