import type { IncomingHttpHeaders } from 'node:http';

/** Headers of a message or a connection, which say nothing of the calls; and its deadlines, which are passed on as times. */
const OF_ONE_MESSAGE =
  /^(?:content-.*|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|mime-version|x-http-method-override|if-none-match|x-server-timeout|grpc-timeout)$/;

/**
 * The headers of a call in a batch. Those of the batch hold for its calls, which may have others of the same names; not so those of its
 * content, as Google's guide to batches says.
 */
export function headersOfCall(batch: IncomingHttpHeaders, own: IncomingHttpHeaders): IncomingHttpHeaders {
  const shared = Object.entries(batch).filter(([name]) => !OF_ONE_MESSAGE.test(name));
  return { ...Object.fromEntries(shared), ...own };
}
