import { Code } from '../../core/code.ts';
import { StatusError, type FieldViolation } from '../../core/status-error.ts';
import { JsonNumber, nodeKind, type JsonNode } from './json-node.ts';

/** Of a name or a value that a message quotes, UTF-16 units. */
const QUOTED_LENGTH_MAX = 64;

/**
 * The mistakes of one request, told together as Google's front end does: each is a line of the message and a BadRequest violation.
 *
 * Paths are of the proto's own names, such as `transfer_spec.object_conditions.include_prefixes[0]`; the message itself is ''.
 */
export class Refusals {
  readonly #countMax: number;
  readonly #violations: FieldViolation[] = [];

  /** @param countMax  further ones are not kept. */
  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  get isEmpty(): boolean {
    return this.#violations.length === 0;
  }

  /** A member that the message at the path does not have. */
  unknownName(path: string, name: string): void {
    this.#add(path, `Invalid JSON payload received. Unknown name ${quoted(name)}${at(path)}: Cannot find field.`);
  }

  unknownParameter(name: string): void {
    const written = quoted(name).slice(1, -1);
    const reason = `Cannot bind query parameter. Field '${written}' could not be found in request message.`;
    this.#add('', `Invalid JSON payload received. Unknown name "${written}": ${reason}`);
  }

  /** The second member of a name, or of the other spelling of the same field. */
  duplicate(path: string, name: string): void {
    this.#add(path, `Invalid JSON payload received. Duplicate name ${quoted(name)}${at(path)}`);
  }

  secondOfOneof(path: string, oneof: string, member: string): void {
    this.#add(
      path,
      `Invalid value at '${path}' (oneof), oneof field '${oneof}' is already set. Cannot set '${member}'`,
    );
  }

  /** @param type  such as `TYPE_INT32`, or a type URL. Texts of free fields are not shown: they may be secrets. */
  value(path: string, type: string, node: JsonNode): void {
    this.#add(path, `Invalid value at '${path}' (${type}), ${shown(type, node)}`);
  }

  /** Another rule, in the words of a sentence. */
  rule(path: string, description: string): void {
    this.#add(path, `Invalid value at '${path}': ${description}`);
  }

  /** @throws StatusError INVALID_ARGUMENT when there is any. */
  throwIfAny(): void {
    const [first] = this.#violations;
    if (first === undefined) return;
    throw new StatusError(Code.INVALID_ARGUMENT, this.#violations.map(({ description }) => description).join('\n'), {
      reason: 'INVALID_JSON',
      metadata: { field: first.field },
      fieldViolations: this.#violations,
    });
  }

  #add(field: string, description: string): void {
    if (this.#violations.length < this.#countMax) this.#violations.push({ field, description });
  }
}

function at(path: string): string {
  return path === '' ? '' : ` at '${path}'`;
}

/** Whole characters only: an answer with half a surrogate pair could not be encoded. */
function quoted(text: string): string {
  return JSON.stringify(text.slice(0, QUOTED_LENGTH_MAX).toWellFormed());
}

/** An enum's name, a number or a time tells nothing that should be hidden; the text of a string or of bytes may. */
function shown(type: string, node: JsonNode): string {
  if (type === 'TYPE_STRING' || type === 'TYPE_BYTES') return nodeKind(node);
  if (typeof node === 'boolean') return String(node);
  if (node instanceof JsonNumber) return node.text.slice(0, QUOTED_LENGTH_MAX);
  return typeof node === 'string' ? quoted(node) : nodeKind(node);
}
