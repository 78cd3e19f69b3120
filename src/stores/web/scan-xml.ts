import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { byteStringOf, type ByteString } from '../../transfers/byte-string.ts';

/**
 * Told of each element when it ends.
 *
 * @param text        what stands in an element without children, entities resolved; '' for one with children.
 * @param depth       1 for the root.
 * @param attributes  the tag's text behind its name, as it stands there.
 */
export type ElementVisitor = (name: string, text: ByteString, depth: number, attributes: string) => void;

/** Nothing that a store answers is deeper than six. */
const DEPTH_MAX = 32;

/**
 * Reads the XML that object stores answer with: elements, text, entities, CDATA; comments and declarations are passed over.
 *
 * @param document  the bytes as they came, UTF-8: text then needs no decoding to be a key.
 * @param resource  what messages call it.
 * @param root      how the first element must be called: a page of a proxy on the way is well-formed too, and would count as a listing
 *                  that is empty. Any, where it is left out.
 * @throws StatusError UNAVAILABLE (reason ANSWER_MALFORMED) for what is cut off, not well-formed or of another root; a document type is refused.
 */
export function scanXml(document: ByteString, resource: string, visit: ElementVisitor, root?: string): void {
  const scanner = new Scanner({ document, resource, visit, root });
  scanner.scan();
}

interface ScannerOptions {
  readonly document: ByteString;
  readonly resource: string;
  readonly visit: ElementVisitor;
  readonly root: string | undefined;
}

interface OpenElement {
  readonly name: string;
  readonly attributes: string;
}

class Scanner {
  readonly #document: ByteString;
  readonly #resource: string;
  readonly #visit: ElementVisitor;
  readonly #root: string | undefined;
  readonly #open: OpenElement[] = [];
  /** Text since the last tag that opened; undefined once a child has ended. */
  #text: string | undefined = '';
  #elementCount = 0;

  constructor({ document, resource, visit, root }: ScannerOptions) {
    this.#document = document;
    this.#resource = resource;
    this.#visit = visit;
    this.#root = root;
  }

  scan(): void {
    let position = 0;
    for (;;) {
      const tag = this.#document.indexOf('<', position);
      if (tag === -1) break;
      if (tag > position && this.#text !== undefined) this.#text += this.#resolved(position, tag);
      position = this.#markup(tag);
    }
    if (this.#open.length > 0 || this.#elementCount === 0) throw this.#malformed('it ends too early');
  }

  /** Passes the markup that begins at `start`; returns where it ends. */
  #markup(start: number): number {
    const next = this.#document.charCodeAt(start + 1);
    if (next === SLASH) return this.#closeTag(start);
    if (next === QUESTION) return this.#endOf('?>', start);
    if (next !== EXCLAMATION) return this.#openTag(start);
    if (this.#document.startsWith('<!--', start)) return this.#endOf('-->', start + 4);
    if (this.#document.startsWith('<![CDATA[', start)) return this.#characterData(start + 9);
    throw this.#malformed('it has a document type');
  }

  #openTag(start: number): number {
    const end = this.#endOf('>', start);
    const isEmpty = this.#document.charCodeAt(end - 2) === SLASH;
    const last = end - (isEmpty ? 2 : 1);
    const nameEnd = this.#nameEnd(start + 1, last);
    const name = this.#document.slice(start + 1, nameEnd);
    if (this.#open.length === 0 && this.#elementCount > 0) throw this.#malformed('it has two roots');
    if (this.#elementCount === 0 && name !== (this.#root ?? name)) throw this.#malformed(`it is no ${this.#root}`);
    if (name === '' || this.#open.length >= DEPTH_MAX) throw this.#malformed('it is not of elements that we know');
    this.#elementCount += 1;
    this.#open.push({ name, attributes: this.#document.slice(nameEnd, last).trim() });
    this.#text = '';
    if (isEmpty) this.#end();
    return end;
  }

  #nameEnd(start: number, end: number): number {
    let position = start;
    // Space, tab and ends of lines come before all characters of names.
    while (position < end && this.#document.charCodeAt(position) > SPACE) position += 1;
    return position;
  }

  #closeTag(start: number): number {
    const end = this.#endOf('>', start);
    const name = this.#document.slice(start + 2, end - 1).trimEnd();
    if (this.#open.at(-1)?.name !== name) throw this.#malformed(`${name} ends where it did not begin`);
    this.#end();
    return end;
  }

  #end(): void {
    const element = this.#open.pop();
    if (element !== undefined) this.#visit(element.name, this.#text ?? '', this.#open.length + 1, element.attributes);
    this.#text = undefined;
  }

  #characterData(start: number): number {
    const end = this.#endOf(']]>', start);
    if (this.#text !== undefined) this.#text += this.#document.slice(start, end - 3);
    return end;
  }

  #endOf(mark: string, from: number): number {
    const found = this.#document.indexOf(mark, from);
    if (found === -1) throw this.#malformed('it ends too early');
    return found + mark.length;
  }

  #resolved(start: number, end: number): string {
    const text = this.#document.slice(start, end);
    let entity = text.indexOf('&');
    if (entity === -1) return text;
    let resolved = '';
    let done = 0;
    for (; entity !== -1; entity = text.indexOf('&', done)) {
      const entityEnd = text.indexOf(';', entity);
      const character = characterOf(text.slice(entity + 1, entityEnd));
      if (entityEnd === -1 || character === undefined) throw this.#malformed('it has an unknown entity');
      resolved += text.slice(done, entity) + character;
      done = entityEnd + 1;
    }
    return resolved + text.slice(done);
  }

  #malformed(detail: string): StatusError {
    const text = `${this.#resource}: the service's answer cannot be read: ${detail}`;
    return new StatusError(Code.UNAVAILABLE, text, { reason: 'ANSWER_MALFORMED' });
  }
}

const SPACE = 0x20;
const SLASH = 0x2f;
const QUESTION = 0x3f;
const EXCLAMATION = 0x21;

/** Also those that XML 1.0 has no place for, such as `&#1;`: services send them for keys that hold them. */
function characterOf(entity: string): ByteString | undefined {
  switch (entity) {
    case 'quot':
      return '"';
    case 'amp':
      return '&';
    case 'lt':
      return '<';
    case 'gt':
      return '>';
    case 'apos':
      return "'";
    default:
      return numbered(entity);
  }
}

function numbered(entity: string): ByteString | undefined {
  const digits = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(entity);
  if (digits === null) return undefined;
  const codePoint = digits[1] === undefined ? Number(digits[2]) : Number.parseInt(digits[1], 16);
  return codePoint > 0x10ffff ? undefined : byteStringOf(String.fromCodePoint(codePoint));
}
