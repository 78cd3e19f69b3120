import type { IncomingHttpHeaders } from 'node:http';
import { Code } from '../../core/code.ts';
import { invalidArgument, StatusError } from '../../core/status-error.ts';
import { parseParameters } from '../multipart/part-header.ts';

/** How a request brings its file: as its body, or in one of the parts of it. */
export type UploadForm =
  | { readonly kind: 'raw'; readonly contentType: string }
  | { readonly kind: 'related' | 'form-data'; readonly boundary: string };

/** What clients call the protocols: `uploadType` of the query, and `X-Goog-Upload-Protocol` or `upload_protocol`. */
const PROTOCOLS: ReadonlyMap<string, 'raw' | 'multipart' | 'resumable'> = new Map([
  ['media', 'raw'],
  ['raw', 'raw'],
  ['multipart', 'multipart'],
  ['resumable', 'resumable'],
]);

const MULTIPART_KINDS: ReadonlyMap<string, 'related' | 'form-data'> = new Map([
  ['multipart/related', 'related'],
  ['multipart/form-data', 'form-data'],
]);

/**
 * The form of an upload. Where the caller names no protocol, the content's type tells.
 *
 * @param protocols  all names that the caller gave for it, in its query and its header.
 * @throws StatusError UNIMPLEMENTED (reason UPLOAD_PROTOCOL_NOT_SERVED) for resumable uploads; INVALID_ARGUMENT for other names, for two that
 *   differ, and for a multipart upload that is none.
 */
export function uploadFormOf(protocols: readonly string[], headers: IncomingHttpHeaders): UploadForm {
  const named = protocolOf(protocols.filter((name) => name !== ''));
  const contentType = headers['content-type'] ?? '';
  const { value, parameters } = parseParameters(contentType);
  const kind = MULTIPART_KINDS.get(value);
  if (named === 'raw' || (named === undefined && kind === undefined)) return { kind: 'raw', contentType };
  if (kind !== undefined) return { kind, boundary: parameters.get('boundary') ?? '' };
  throw invalidArgument(
    'content-type',
    'must be multipart/related or multipart/form-data, as the upload is multipart',
    {
      reason: 'MALFORMED_MULTIPART',
    },
  );
}

function protocolOf(names: readonly string[]): 'raw' | 'multipart' | undefined {
  const protocols = new Set(names.map(knownProtocol));
  const [protocol, other] = protocols;
  if (other !== undefined) {
    throw invalidArgument('uploadType', 'and X-Goog-Upload-Protocol differ; send one of them');
  }
  if (protocol !== 'resumable') return protocol;
  throw new StatusError(
    Code.UNIMPLEMENTED,
    'resumable uploads are not served; send the file at once, with uploadType=media or uploadType=multipart',
    { reason: 'UPLOAD_PROTOCOL_NOT_SERVED', metadata: { protocol } },
  );
}

function knownProtocol(name: string): 'raw' | 'multipart' | 'resumable' {
  const protocol = PROTOCOLS.get(name.toLowerCase());
  if (protocol !== undefined) return protocol;
  const shown = name.slice(0, 64);
  throw invalidArgument('uploadType', `is ${JSON.stringify(shown)}; known are ${[...PROTOCOLS.keys()].join(', ')}`, {
    metadata: { protocol: shown },
  });
}
