import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { FieldType } from '../../operations/message-types.ts';
import type { Message } from '../protos.ts';
import { jsonFields, type JsonField } from './json-fields.ts';
import { JsonMembers, JsonNumber, type JsonNode } from './json-node.ts';
import type { ProtoJsonLimits } from './limits.ts';
import { MessageReader } from './message-reader.ts';
import { Refusals } from './refusals.ts';
import { hasSpecialJson, isWrapper } from './special-json.ts';

/** A name such as `filter` or `schedule.startDate.year`, and its text, both decoded. */
export type QueryParameter = readonly [name: string, text: string];

/** Messages whose JSON is one text. */
const OF_TEXT: ReadonlySet<string> = new Set(
  ['Timestamp', 'Duration', 'FieldMask'].map((name) => `google.protobuf.${name}`),
);

/** What is gathered of a message before it is read: one entry for each field, by the proto's name. */
type Gathered = Map<string, JsonNode[] | Gathered>;

/**
 * A message from the parameters of a query, or from what a path binds, in the shape that decodeMessage gives.
 *
 * http.proto: a parameter is a field of the request, by either spelling; `a.b` is a field of a field; a repeated field's parameter is
 * repeated; "Repeated message" fields and maps have none. A field that is not repeated is given once.
 * @param isBindable  whether parameters may reach into a field of the request, by the proto's name; those that may not are unknown.
 * @throws StatusError INVALID_ARGUMENT with a BadRequest violation for each mistake.
 */
export function readQueryMessage(
  messageName: string,
  parameters: readonly QueryParameter[],
  limits: ProtoJsonLimits,
  isBindable: (field: string) => boolean = () => true,
): Message {
  if (parameters.length > limits.valueCountMax) throw tooMany(parameters.length, limits.valueCountMax);
  const refusals = new Refusals(limits.violationCountMax);
  const gathered: Gathered = new Map();
  for (const [name, text] of parameters) {
    const parameter = { name, text, depthMax: limits.depthMax };
    if (!isOpen(messageName, name, isBindable) || !gather(gathered, messageName, parameter)) {
      refusals.unknownParameter(name);
    }
  }
  const node = nodeOf(messageName, gathered, refusals, '');
  const message = new MessageReader(refusals, limits).read(messageName, node, '');
  refusals.throwIfAny();
  return message ?? {};
}

function isOpen(messageName: string, name: string, isBindable: (field: string) => boolean): boolean {
  const field = jsonFields(messageName).get(name.split('.', 1)[0] ?? '');
  return field !== undefined && isBindable(field.protoName);
}

/** @returns false when the message has no such field, or a query has no form for its values. */
function gather(
  root: Gathered,
  messageName: string,
  { name, text, depthMax }: { readonly name: string; readonly text: string; readonly depthMax: number },
): boolean {
  const steps = name.split('.', depthMax + 1);
  if (steps.length > depthMax) return false;
  let gathered = root;
  let type: FieldType = { kind: 'message', name: messageName };
  for (const [index, step] of steps.entries()) {
    const field: JsonField | undefined = type.kind === 'message' ? jsonFields(type.name).get(step) : undefined;
    if (field === undefined || field.rule === 'map') return false;
    const isLast = index === steps.length - 1;
    if (isLast) return isOfText(field.type) && add(gathered, field, nodeOfText(text, field.type));
    if (field.rule === 'repeated' || (field.type.kind === 'message' && hasSpecialJson(field.type.name))) return false;
    gathered = within(gathered, field);
    type = field.type;
  }
  return false;
}

function isOfText(type: FieldType): boolean {
  return type.kind !== 'message' || OF_TEXT.has(type.name) || isWrapper(type.name);
}

function add(gathered: Gathered, { protoName }: JsonField, node: JsonNode): true {
  const nodes = gathered.get(protoName);
  if (Array.isArray(nodes)) nodes.push(node);
  else gathered.set(protoName, [node]);
  return true;
}

function within(gathered: Gathered, { protoName }: JsonField): Gathered {
  const known = gathered.get(protoName);
  if (known instanceof Map) return known;
  const inner: Gathered = new Map();
  gathered.set(protoName, inner);
  return inner;
}

/** As a body would have it: true and the numbers of enums are no texts there. */
function nodeOfText(text: string, type: FieldType): JsonNode {
  const scalar = type.kind === 'message' && isWrapper(type.name) ? jsonFields(type.name).get('value')?.type : type;
  if (scalar?.kind === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  if (scalar?.kind === 'enum' && /^-?\d{1,10}$/.test(text)) return new JsonNumber(text);
  return text;
}

function nodeOf(messageName: string, gathered: Gathered, refusals: Refusals, path: string): JsonNode {
  const fields = jsonFields(messageName);
  const entries = [...gathered].map(([name, given]): [string, JsonNode] => {
    const field = fields.get(name);
    const fieldPath = path === '' ? name : `${path}.${name}`;
    if (given instanceof Map) {
      return [name, field?.type.kind === 'message' ? nodeOf(field.type.name, given, refusals, fieldPath) : null];
    }
    if (field?.rule === 'repeated') return [name, given];
    if (given.length > 1) refusals.duplicate(path, name);
    return [name, given[0] ?? null];
  });
  return new JsonMembers(entries);
}

function tooMany(count: number, countMax: number): StatusError {
  const metadata = { parameterCount: String(count), parameterCountMax: String(countMax) };
  const message = `the query has ${String(count)} parameters, more than ${String(countMax)}`;
  return new StatusError(Code.INVALID_ARGUMENT, message, { reason: 'TOO_MANY_PARAMETERS', metadata });
}
