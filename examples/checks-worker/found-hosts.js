import { limits } from './limits.js';

/** A host name has at most 253 characters, and a scheme 8: what may begin in one window and end in the next. */
const OVERLAP = 262;
const HOST_LENGTH_MAX = 253;
const URL_HOST =
  /https?:\/\/((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,126}[a-z][a-z0-9-]{0,61}[a-z0-9])(?![a-z0-9-]|\.[a-z0-9])/gi;

/**
 * The hosts of the URLs within bytes of any kind, and how often each stands there. Text of one byte a character is seen; UTF-16 is not.
 * A URL that stands there is not one that is called, such as the name of an XML namespace.
 */
export class FoundHosts {
  #counts = new Map();
  #rest = '';

  /** The next bytes of an entry. */
  look(window) {
    const text = this.#rest + window.toString('latin1');
    const end = Math.max(0, text.length - OVERLAP);
    this.#count(text, end);
    this.#rest = text.slice(end);
  }

  /** The entry is over: what follows is another one's. */
  endEntry() {
    this.#count(this.#rest, this.#rest.length);
    this.#rest = '';
  }

  /** The most frequent first. */
  list() {
    return [...this.#counts]
      .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
      .map(([domain, count]) => ({ domain, count }));
  }

  /** URLs that begin before `end`; the others are whole in the next window. */
  #count(text, end) {
    for (const { index, 1: host } of text.matchAll(URL_HOST)) {
      if (index >= end) return;
      if (host.length > HOST_LENGTH_MAX) continue;
      const domain = host.toLowerCase();
      const count = this.#counts.get(domain) ?? 0;
      if (count > 0 || this.#counts.size < limits.hostCountMax) this.#counts.set(domain, count + 1);
    }
  }
}
