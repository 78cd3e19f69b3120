/** Lists of URLs as Storage Transfer Service reads them ("Create a URL list"): tab-separated values behind a first line that says so. */
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { byteStringOf, displayText, type ByteString } from '../../transfers/byte-string.ts';

/** One object of a list. */
export interface ListedUrl {
  /** `hostname/path`, and the query where there is one: neither scheme nor port. */
  readonly key: ByteString;
  readonly url: string;
  /** Absent where the list does not tell it; then there is no check either. */
  readonly sizeBytes?: number;
  /** 32 lower-case hex digits. */
  readonly md5?: string;
}

/** "The first line must be TsvHttpData-1.0" */
const FIRST_LINE = 'TsvHttpData-1.0';

/**
 * Reads a list as it comes, and holds its objects.
 *
 * Methods throw StatusError: INVALID_ARGUMENT naming the line; RESOURCE_EXHAUSTED for more than `objectCountMax` objects.
 */
export class UrlListReader {
  readonly #objectCountMax: number;
  readonly #decoder = new TextDecoder();
  readonly #objects: ListedUrl[] = [];
  #rest = '';
  #lineCount = 0;

  constructor(objectCountMax: number) {
    this.#objectCountMax = objectCountMax;
  }

  add(chunk: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#take(line);
  }

  /**
   * The objects in the order of their keys, which is not that of their URLs where schemes or ports differ. The same line twice is
   * one object.
   */
  finish(): readonly ListedUrl[] {
    this.#take(this.#rest + this.#decoder.decode());
    return withoutRepeats(inOrder(this.#objects));
  }

  #take(text: string): void {
    const line = text.endsWith('\r') ? text.slice(0, -1) : text;
    this.#lineCount += 1;
    if (this.#lineCount === 1) {
      if (line !== FIRST_LINE) throw refused(1, `the first line must be ${FIRST_LINE}`);
      return;
    }
    if (line === '') return;
    if (this.#objects.length >= this.#objectCountMax) throw tooMany(this.#objectCountMax);
    this.#objects.push(parseLine(line, this.#lineCount));
  }
}

/** Lists should be sorted: then one look at each object is enough. */
function inOrder(objects: readonly ListedUrl[]): readonly ListedUrl[] {
  const isSorted = objects.every(({ key }, index) => index === 0 || (objects[index - 1]?.key ?? '') <= key);
  return isSorted ? objects : objects.toSorted((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
}

/** Two URLs that differ in scheme or port only would be one object at the sink. */
function withoutRepeats(objects: readonly ListedUrl[]): readonly ListedUrl[] {
  return objects.filter((object, index) => {
    const before = objects[index - 1];
    if (before?.key !== object.key) return true;
    if (before.url === object.url && before.sizeBytes === object.sizeBytes && before.md5 === object.md5) return false;
    const message = `the list of URLs names ${displayText(object.key)} more than once, in different ways`;
    throw new StatusError(Code.INVALID_ARGUMENT, message, { reason: 'URL_LIST_INVALID' });
  });
}

function parseLine(line: string, number: number): ListedUrl {
  const [address = '', size = '', md5 = '', ...more] = line.split('\t');
  if (more.length > 0) throw refused(number, 'a line has a URL, a size and an MD5, divided by tabs');
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw refused(number, 'it begins with no http or https URL');
  if (url.username !== '' || url.password !== '') throw refused(number, 'a URL must not hold a user or a password');
  if (size !== '' && !/^\d{1,15}$/.test(size)) throw refused(number, 'the size must be a whole number of bytes');
  if (md5 !== '' && !/^[A-Za-z0-9+/]{22}==$/.test(md5)) throw refused(number, 'the MD5 must be 16 bytes in base64');
  url.hash = '';
  return {
    key: byteStringOf(url.hostname + url.pathname + url.search),
    url: url.href,
    ...(size === '' ? {} : { sizeBytes: Number(size) }),
    ...(md5 === '' ? {} : { md5: Buffer.from(md5, 'base64').toString('hex') }),
  };
}

function tooMany(countMax: number): StatusError {
  const message = `the list of URLs has more than ${countMax} objects; divide it`;
  return new StatusError(Code.RESOURCE_EXHAUSTED, message, { reason: 'URL_LIST_TOO_LONG', isFinal: true });
}

function refused(line: number, rule: string): StatusError {
  const message = `line ${line} of the list of URLs: ${rule}`;
  return new StatusError(Code.INVALID_ARGUMENT, message, {
    reason: 'URL_LIST_INVALID',
    metadata: { line: String(line) },
  });
}
