/**
 * Reads multipart bodies (RFC 2046, section 5.1.1) as they arrive.
 *
 * Bytes of parts are handed on as soon as they cannot belong to a boundary; what is kept is no more than a boundary's line or a part's
 * header. Lines end in CRLF, or all of them in LF: the first boundary's line tells which, so that a file's own line ends are its own.
 */
import { invalidArgument, type StatusError } from '../../core/status-error.ts';
import { parsePartHeader } from './part-header.ts';

export type MultipartEvent =
  | { readonly kind: 'part'; readonly header: ReadonlyMap<string, string> }
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'part-end' };

export interface MultipartLimits {
  /** Bytes of one part's header. */
  readonly partHeaderMaxBytes: number;
  /** Bytes before the first boundary and behind the last one, together. */
  readonly surroundingsMaxBytes: number;
}

type State = 'preamble' | 'header' | 'body-start' | 'body' | 'epilogue';

/** A boundary's line, behind which a part begins or the body ends. */
interface Boundary {
  readonly kind: 'part' | 'end';
  /** Where what follows begins. */
  readonly at: number;
  readonly lineEnd: string;
}

/** What the text of a boundary is by what stands behind it: one, none, or not known yet. */
type LineRest = Boundary | { readonly kind: 'none' | 'unknown' };

/** RFC 2046: "possibly followed by … transport-padding"; composers never write any. */
const PADDING_LENGTH_MAX = 64;

/** RFC 2046: "1 to 70 characters from a set of characters known to be very robust through mail gateways". */
const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/;

const NO_BYTES = Buffer.alloc(0);

export class MultipartParser {
  readonly #limits: MultipartLimits;
  /** Two hyphens and the boundary. */
  readonly #dashed: string;
  #state: State = 'preamble';
  #lineEnd = '\n';
  /** As if a line had ended before the first byte: a boundary may stand there. */
  #rest: Buffer = Buffer.from('\n');
  #surroundingBytes = 0;

  /** @throws StatusError INVALID_ARGUMENT for what can be no boundary. */
  constructor(boundary: string, limits: MultipartLimits) {
    if (!BOUNDARY.test(boundary)) throw malformed('has no boundary, or one that is none');
    this.#dashed = `--${boundary}`;
    this.#limits = limits;
  }

  /** What is known by this chunk. @throws StatusError INVALID_ARGUMENT (reason MALFORMED_MULTIPART) for a body that is none. */
  *push(chunk: Uint8Array): Generator<MultipartEvent> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (let isOn = true; isOn;) isOn = yield* this.#step();
  }

  /** The body has ended. @throws StatusError INVALID_ARGUMENT unless its last boundary has been read. */
  end(): void {
    if (this.#state !== 'epilogue') throw malformed('ends before its last boundary; send it whole');
  }

  /** @returns whether there may be more in what has arrived. */
  *#step(): Generator<MultipartEvent, boolean> {
    switch (this.#state) {
      case 'preamble':
      case 'body':
        return yield* this.#readToBoundary();
      case 'header':
        return yield* this.#readHeader();
      case 'body-start':
        return yield* this.#startBody();
      case 'epilogue':
        this.#pass(this.#rest.length);
        return false;
    }
  }

  *#readToBoundary(): Generator<MultipartEvent, boolean> {
    const needle = this.#lineEnd + this.#dashed;
    for (let from = 0; ;) {
      const index = this.#rest.indexOf(needle, from, 'latin1');
      if (index < 0) {
        yield* this.#hand(Math.max(0, this.#rest.length - needle.length + 1));
        return false;
      }
      const rest = this.#restOfLine(index + needle.length);
      if ('at' in rest) return yield* this.#cross(index, rest);
      if (rest.kind === 'unknown') {
        yield* this.#hand(index);
        return false;
      }
      from = index + 1;
    }
  }

  *#cross(index: number, { kind, at, lineEnd }: Boundary): Generator<MultipartEvent, boolean> {
    const isFirst = this.#state === 'preamble';
    const behind = this.#rest.subarray(at);
    yield* this.#hand(index);
    this.#rest = behind;
    if (!isFirst) yield { kind: 'part-end' };
    else if (kind === 'end') throw malformed('has no part');
    else this.#lineEnd = lineEnd;
    this.#state = kind === 'end' ? 'epilogue' : 'header';
    return true;
  }

  *#readHeader(): Generator<MultipartEvent, boolean> {
    // A header without fields is the empty line alone.
    const isEmpty = this.#rest.indexOf(this.#lineEnd) === 0;
    const length = isEmpty ? 0 : this.#rest.indexOf(this.#lineEnd + this.#lineEnd);
    const { partHeaderMaxBytes } = this.#limits;
    if (length > partHeaderMaxBytes || (length < 0 && this.#rest.length > partHeaderMaxBytes)) {
      throw malformed(`has a part whose header has more than ${String(partHeaderMaxBytes)} bytes`);
    }
    if (length < 0) return false;
    const header = parsePartHeader(this.#rest.subarray(0, length).toString(), this.#lineEnd);
    // The empty line's end stays: it may begin the next boundary, where the part is empty.
    this.#rest = this.#rest.subarray(isEmpty ? 0 : length + this.#lineEnd.length);
    this.#state = 'body-start';
    yield { kind: 'part', header };
    return true;
  }

  *#startBody(): Generator<MultipartEvent, boolean> {
    const needle = this.#lineEnd + this.#dashed;
    const start = this.#rest.subarray(0, needle.length).toString('latin1');
    if (start !== needle) {
      if (needle.startsWith(start)) return false;
      return this.#beginBody();
    }
    const rest = this.#restOfLine(needle.length);
    if ('at' in rest) return yield* this.#cross(0, rest);
    return rest.kind === 'none' && this.#beginBody();
  }

  #beginBody(): boolean {
    this.#rest = this.#rest.subarray(this.#lineEnd.length);
    this.#state = 'body';
    return true;
  }

  /** Hands on, or passes by, so many bytes of what has arrived. */
  *#hand(count: number): Generator<MultipartEvent> {
    if (this.#state === 'preamble') this.#pass(count);
    else if (count > 0) {
      const bytes = this.#rest.subarray(0, count);
      this.#rest = this.#rest.subarray(count);
      yield { kind: 'data', bytes };
    }
  }

  #pass(count: number): void {
    const { surroundingsMaxBytes } = this.#limits;
    this.#surroundingBytes += count;
    if (this.#surroundingBytes > surroundingsMaxBytes) {
      throw malformed(`has more than ${String(surroundingsMaxBytes)} bytes around its parts`);
    }
    this.#rest = count === this.#rest.length ? NO_BYTES : this.#rest.subarray(count);
  }

  #restOfLine(start: number): LineRest {
    const text = this.#rest.subarray(start, start + PADDING_LENGTH_MAX + 2).toString('latin1');
    if (text.startsWith('--')) return { kind: 'end', at: start + 2, lineEnd: this.#lineEnd };
    const [padding = ''] = /^[ \t]*/.exec(text) ?? [];
    const behind = text.slice(padding.length);
    const lineEnd = this.#state === 'preamble' ? /^\r?\n/.exec(behind)?.[0] : this.#lineEnd;
    if (lineEnd !== undefined && behind.startsWith(lineEnd)) {
      return { kind: 'part', at: start + padding.length + lineEnd.length, lineEnd };
    }
    const isOpen = padding.length < PADDING_LENGTH_MAX && ['', '\r'].includes(behind);
    return { kind: isOpen || text === '-' ? 'unknown' : 'none' };
  }
}

export function malformed(what: string): StatusError {
  return invalidArgument('body', `the multipart body ${what}`, { reason: 'MALFORMED_MULTIPART' });
}
