import type { Any } from '../../core/any.ts';
import { invalidArgument, renamingField } from '../../core/status-error.ts';
import type { AnyResolver } from '../presenter.ts';

// Without what terminals and logs would obey or hide: it is shown to people.
const TYPE_URL = /^(?!\/)[^\s\p{Cc}\p{Cf}\p{Cs}]{1,401}\/[A-Za-z_][A-Za-z0-9_.]{0,200}$/u;

/**
 * An Any that is to be stored.
 *
 * @throws StatusError INVALID_ARGUMENT for one without a proper type, or too large.
 */
export function checkAny(field: string, any: Any | undefined, sizeMaxBytes: number): Any | undefined {
  if (any === undefined) return undefined;
  if (!TYPE_URL.test(any.typeUrl)) {
    throw invalidArgument(`${field}.type_url`, 'must be such as type.googleapis.com/my.package.Message');
  }
  const sizeBytes = any.value.byteLength;
  if (sizeBytes <= sizeMaxBytes) return any;
  throw invalidArgument(field, `has ${String(sizeBytes)} bytes; at most ${String(sizeMaxBytes)} are stored`, {
    reason: 'FIELD_TOO_LARGE',
    metadata: { sizeBytes: String(sizeBytes), sizeMaxBytes: String(sizeMaxBytes) },
  });
}

/**
 * That the bytes of an Any are of its type, where the resolver knows that.
 *
 * @throws StatusError INVALID_ARGUMENT (reason MALFORMED_ANY).
 */
export function checkContent(field: string, any: Any, resolver: AnyResolver): void {
  renamingField('type_url', field, () => resolver.resolve(any));
}
