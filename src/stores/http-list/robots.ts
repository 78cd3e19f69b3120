import robotsParser from 'robots-parser';
import type { Clock } from '../../core/clock.ts';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { untilAborted } from '../../core/until-aborted.ts';
import { nameOf, USER_AGENT, type FollowingClient } from './following-client.ts';
import type { HttpListLimits } from './limits.ts';

/** What one host's robots.txt says of one URL. */
type Rules = (url: string) => boolean;

interface KnownRules {
  readonly rules: Promise<Rules>;
  readonly endMs: number;
}

/** The package is CommonJS: its function itself is the default export, whatever its types say. */
const parse = robotsParser as unknown as (
  url: string,
  text: string,
) => { isAllowed(url: string, userAgent: string): boolean | undefined };

/**
 * What hosts let robots fetch (RFC 9309). A host's robots.txt is asked for once, and kept for a while: "unavailable" (4xx) means
 * that everything is allowed, "unreachable" (5xx, or no answer) that nothing is, until it is asked for again.
 */
export class Robots {
  readonly #client: FollowingClient;
  readonly #limits: HttpListLimits;
  readonly #clock: Clock;
  readonly #known = new Map<string, KnownRules>();

  /** @param client  without these rules as its gate. */
  constructor(client: FollowingClient, limits: HttpListLimits, clock: Clock) {
    this.#client = client;
    this.#limits = limits;
    this.#clock = clock;
  }

  /** @throws StatusError PERMISSION_DENIED (reason ROBOTS_DISALLOWED); UNAVAILABLE (ROBOTS_UNREACHABLE) while nobody knows. */
  readonly mustAllow = async (url: URL, signal: AbortSignal): Promise<void> => {
    const isAllowed = await untilAborted(this.#rulesOf(url.origin), signal);
    if (isAllowed(url.href)) return;
    const text = `${nameOf(url)}: the host's robots.txt does not let robots fetch it`;
    throw new StatusError(Code.PERMISSION_DENIED, text, { reason: 'ROBOTS_DISALLOWED', isFinal: true });
  };

  #rulesOf(origin: string): Promise<Rules> {
    const known = this.#known.get(origin);
    if (known !== undefined && this.#clock.monotonic() < known.endMs) return known.rules;
    this.#known.delete(origin);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size < this.#limits.robotsHostCountMax) break;
      this.#known.delete(oldest);
    }
    const rules = this.#fetch(origin);
    this.#known.set(origin, { rules, endMs: this.#clock.monotonic() + this.#limits.robotsAgeMaxMs });
    // Who could not be asked is asked again by the next one.
    rules.catch(() => this.#known.delete(origin));
    return rules;
  }

  async #fetch(origin: string): Promise<Rules> {
    const address = `${origin}/robots.txt`;
    const signal = AbortSignal.timeout(this.#limits.robotsTimeoutMs);
    const { status, body } = await this.#client
      .open(address, { method: 'GET', signal })
      .catch(rethrowUnreachable(origin));
    if (status >= 500) throw unreachable(origin, `HTTP ${status}`);
    if (body === undefined) return () => true;
    const text = await beginningOf(body, this.#limits.robotsSizeBytesMax).catch(rethrowUnreachable(origin));
    const robot = parse(address, text);
    return (url) => robot.isAllowed(url, USER_AGENT) !== false;
  }
}

async function beginningOf(body: AsyncIterable<Uint8Array>, sizeBytesMax: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    chunks.push(Buffer.from(chunk));
    sizeBytes += chunk.length;
    if (sizeBytes >= sizeBytesMax) break;
  }
  return Buffer.concat(chunks).subarray(0, sizeBytesMax).toString();
}

/** What is refused to us, such as a private address, stays refused. */
function rethrowUnreachable(origin: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof StatusError && error.isFinal) throw error;
    throw unreachable(origin, error instanceof Error ? error.message : 'no answer', error);
  };
}

function unreachable(origin: string, why: string, cause?: unknown): StatusError {
  const text = `${origin}/robots.txt: what robots may fetch is not known (${why})`;
  const options = { reason: 'ROBOTS_UNREACHABLE', ...(cause === undefined ? {} : { cause }) };
  return new StatusError(Code.UNAVAILABLE, text, options);
}
