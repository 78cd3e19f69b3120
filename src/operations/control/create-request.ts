import { EMPTY, type Any } from '../../core/any.ts';
import { Code } from '../../core/code.ts';
import { invalidArgument, renamingField, StatusError } from '../../core/status-error.ts';
import type { CreateOperation } from '../create.ts';
import { collectionOf } from '../list.ts';
import type { OwnerTerms } from '../operation.ts';
import { newOperationName, type Surface, type SurfaceTable } from '../surface.ts';
import { checkAny } from './check-any.ts';
import { CREATE_BOUNDS, type ControlLimits } from './limits.ts';

/** CreateOperationRequest as it came; an absent member was not given. */
export interface CreateRequest {
  readonly surface?: string;
  readonly parent?: string;
  readonly operationId?: string;
  readonly kind?: string;
  readonly request?: Any;
  readonly metadata?: Any;
  readonly requestId?: string;
  readonly priority?: number;
  readonly delayMs?: number;
  readonly runTimeoutMs?: number;
  readonly deadlineTimeMs?: number;
  readonly retentionMs?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly exclusiveKey?: string;
  readonly parentOperation?: string;
  readonly hold?: Partial<OwnerTerms>;
  readonly attemptCountMax?: number;
}

export interface CreateRules {
  readonly surfaces: SurfaceTable;
  /** Kinds that the server carries out for other APIs, which check what they ask for. */
  readonly reservedKinds: ReadonlySet<string>;
  readonly limits: ControlLimits;
  readonly newId: () => string;
}

const OPERATION_ID = /^[A-Za-z0-9][A-Za-z0-9._~-]{0,62}$/;
const KIND = /^[A-Za-z][A-Za-z0-9._/-]{0,127}$/;
const LABEL_KEY = /^[a-z][a-z0-9._-]{0,62}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
// eslint-disable-next-line no-control-regex
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f]/;

/** The collection that OperationControl uses unless told otherwise. */
const DEFAULT_PARENT = 'operations';

/**
 * What CreateOperation asks for, checked against every limit of operation_control.proto; the deadline's past aside.
 *
 * @throws StatusError INVALID_ARGUMENT naming the field; FAILED_PRECONDITION (reason SURFACE_MAKES_ITS_OWN).
 */
export function checkCreateRequest(request: CreateRequest, rules: CreateRules): CreateOperation {
  const { surface, parent } = placeOf(request, rules.surfaces);
  const { limits } = rules;
  const id = matching(
    'operation_id',
    request.operationId,
    OPERATION_ID,
    'must be 1 to 63 letters, digits, -, ., _ or ~',
  );
  const requestId = requestIdOf(request.requestId);
  const name = newOperationName(surface, parent, id ?? rules.newId()) ?? '';
  const members: { [Key in keyof CreateOperation]: CreateOperation[Key] | undefined } = {
    name,
    surface: surface.id,
    collection: collectionOf(parent, surface),
    kind: kindOf(request.kind, rules.reservedKinds),
    request: checkAny('request', request.request, limits.requestSizeMaxBytes) ?? EMPTY,
    metadata: checkAny('metadata', request.metadata, limits.metadataSizeMaxBytes),
    requestId,
    priority: request.priority,
    delayMs: within('delay', request.delayMs, 0, CREATE_BOUNDS.delayMaxMs),
    runTimeoutMs: within('run_timeout', request.runTimeoutMs, 1, CREATE_BOUNDS.runTimeoutMaxMs),
    deadlineTimeMs: request.deadlineTimeMs,
    retentionMs: within('retention', request.retentionMs, CREATE_BOUNDS.retentionMinMs, CREATE_BOUNDS.retentionMaxMs),
    labels: labelsOf(request.labels),
    exclusiveKey: exclusiveKeyOf(request.exclusiveKey, surface, parent),
    parent: parentOperationOf(request.parentOperation, rules.surfaces),
    owner: request.hold === undefined ? undefined : ownerTermsOf(request.hold, limits),
    attemptCountMax: within('attempt_count_max', request.attemptCountMax, 1, CREATE_BOUNDS.attemptCountMax),
  };
  if (members.owner !== undefined && members.delayMs !== undefined) {
    throw invalidArgument('delay', 'cannot be had together with hold; leave one of them out');
  }
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  ) as unknown as CreateOperation;
}

/** @throws StatusError INVALID_ARGUMENT unless the deadline is to come, and that within the limit. */
export function checkDeadline(deadlineTimeMs: number | undefined, now: number): void {
  if (
    deadlineTimeMs === undefined ||
    (deadlineTimeMs > now && deadlineTimeMs <= now + CREATE_BOUNDS.deadlineAheadMaxMs)
  )
    return;
  throw invalidArgument('deadline_time', 'must be in the future, by at most 3650 days');
}

/** The key as the repository holds it: keys of different collections, and those of other APIs, never meet. */
export function exclusiveKeyOf(key: string | undefined, surface: Surface, parent: string): string | undefined {
  if (key === undefined || key === '') return undefined;
  if (key.length > CREATE_BOUNDS.exclusiveKeyLengthMax || CONTROL_CHARACTER.test(key)) {
    throw invalidArgument(
      'exclusive_key',
      `must have at most ${String(CREATE_BOUNDS.exclusiveKeyLengthMax)} characters, no control characters`,
    );
  }
  return `${keyPrefix(surface.id, parent)}${key}`;
}

/** The key as its caller gave it; that of another API as it is. */
export function shownExclusiveKey(key: string, surface: string, collection: string): string {
  const prefix = keyPrefix(surface, collection);
  return key.startsWith(prefix) ? key.slice(prefix.length) : key;
}

function keyPrefix(surface: string, parent: string): string {
  return `${surface}:${parent}:`;
}

/** @throws StatusError INVALID_ARGUMENT unless it is a UUID. */
export function requestIdOf(requestId: string | undefined): string | undefined {
  if (requestId === undefined || requestId === '') return undefined;
  if (UUID.test(requestId)) return requestId.toLowerCase();
  throw invalidArgument('request_id', 'must be a UUID, such as 6ba7b810-9dad-41d1-80b4-00c04fd430c8');
}

/** The collection of a parent that operations are made in. */
export function placeOf(
  request: Pick<CreateRequest, 'surface' | 'parent'>,
  surfaces: SurfaceTable,
): { readonly surface: Surface; readonly parent: string } {
  const given = request.surface === undefined || request.surface === '' ? undefined : surfaces.byId(request.surface);
  if (given !== undefined) assertMakes(given);
  const parent = request.parent === undefined || request.parent === '' ? DEFAULT_PARENT : request.parent;
  const surface = renamingField('name', 'parent', () => surfaces.ofList(parent));
  assertMakes(surface);
  if (given !== undefined && given.id !== surface.id) {
    throw invalidArgument('parent', `${parent} is not of surface ${given.id}; its form is ${given.listName}`);
  }
  if (parent.endsWith('/-')) throw invalidArgument('parent', 'must name one collection; - is for reading only');
  renamingField('name', 'parent', () => collectionOf(parent, surface));
  return { surface, parent };
}

function assertMakes(surface: Surface): void {
  if (newOperationName(surface, surface.listName, 'id') !== undefined) return;
  throw new StatusError(
    Code.FAILED_PRECONDITION,
    `operations of surface ${surface.id} are made by its own API, such as RunTransferJob`,
    { reason: 'SURFACE_MAKES_ITS_OWN', metadata: { surface: surface.id } },
  );
}

function kindOf(kind: string | undefined, reserved: ReadonlySet<string>): string {
  if (kind === undefined || kind === '') throw invalidArgument('kind', 'is required');
  matching('kind', kind, KIND, 'must be 1 to 128 letters, digits, -, ., _ or /, the first a letter');
  if (!reserved.has(kind) && !reserved.has(kind.split('/', 1)[0] ?? '')) return kind;
  throw invalidArgument('kind', `${kind} is carried out for another API; use that one`, { reason: 'KIND_RESERVED' });
}

function parentOperationOf(name: string | undefined, surfaces: SurfaceTable): string | undefined {
  if (name === undefined || name === '') return undefined;
  renamingField('name', 'parent_operation', () => surfaces.ofOperation(name, 'get'));
  return name;
}

function labelsOf(labels: CreateRequest['labels']): CreateRequest['labels'] {
  if (labels === undefined) return undefined;
  const entries = Object.entries(labels);
  if (entries.length > CREATE_BOUNDS.labelCountMax)
    throw invalidArgument('labels', `are more than ${String(CREATE_BOUNDS.labelCountMax)}`);
  for (const [key, value] of entries) {
    if (!LABEL_KEY.test(key)) {
      throw invalidArgument('labels', `have a key that is not 1 to 63 of a-z, 0-9, -, . and _, the first a letter`);
    }
    if (value.length > CREATE_BOUNDS.labelValueLengthMax || CONTROL_CHARACTER.test(value) || !value.isWellFormed()) {
      throw invalidArgument(
        `labels.${key}`,
        `must have at most ${String(CREATE_BOUNDS.labelValueLengthMax)} characters, no control characters`,
      );
    }
  }
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function ownerTermsOf(hold: Partial<OwnerTerms>, limits: ControlLimits): OwnerTerms {
  const { leaseDurationMs, cancelGraceMs, abandonAfterMs, holder = '' } = hold;
  return {
    ...(holder === '' ? {} : { holder: holderOf(holder) }),
    leaseDurationMs:
      within('hold.lease_duration', leaseDurationMs, CREATE_BOUNDS.holdMinMs, CREATE_BOUNDS.leaseDurationMaxMs) ??
      limits.leaseDurationMs,
    cancelGraceMs:
      within('hold.cancel_grace', cancelGraceMs, CREATE_BOUNDS.holdMinMs, CREATE_BOUNDS.cancelGraceMaxMs) ??
      limits.cancelGraceMs,
    abandonAfterMs:
      within('hold.abandon_after', abandonAfterMs, CREATE_BOUNDS.holdMinMs, CREATE_BOUNDS.abandonAfterMaxMs) ??
      limits.abandonAfterMs,
  };
}

function holderOf(holder: string): string {
  const { holderLengthMax } = CREATE_BOUNDS;
  if (holder.length <= holderLengthMax && !CONTROL_CHARACTER.test(holder) && holder.isWellFormed()) return holder;
  throw invalidArgument(
    'hold.holder',
    `must have at most ${String(holderLengthMax)} characters, no control characters`,
  );
}

function matching(field: string, text: string | undefined, form: RegExp, rule: string): string | undefined {
  if (text === undefined || text === '') return undefined;
  if (form.test(text)) return text;
  throw invalidArgument(field, rule);
}

function within(field: string, value: number | undefined, least: number, most: number): number | undefined {
  if (value === undefined) return undefined;
  // Times are stored as whole milliseconds.
  if (value >= least && value <= most) return Math.ceil(value);
  const unit = field === 'attempt_count_max' ? '' : ' ms';
  throw invalidArgument(field, `must be from ${String(least)} to ${String(most)}${unit}`);
}
