import type { Clock } from '../core/clock.ts';
import { Code, codeName } from '../core/code.ts';
import type { ConformanceLimits } from './limits.ts';
import { operationOf, pageOf, type ListQuestion, type OperationsProbe, type SeenPage } from './operations-probe.ts';
import { Unmet, type OperationSource } from './operation-source.ts';
import type { Reply } from './wire-channel.ts';

/** `aip-160`, the JSON of Storage Transfer, or no filter that the suite could know. */
export type FilterLanguage = 'aip-160' | 'transfer-json' | 'none';

/** One collection of a server, and all that the cases need to look at it. */
export interface Ground {
  readonly probe: OperationsProbe;
  /** As ListOperationsRequest.name has it. */
  readonly collection: string;
  /** With which a list shows all of the collection; empty where none is needed. */
  readonly filter: string;
  readonly language: FilterLanguage;
  readonly source: OperationSource;
  readonly limits: ConformanceLimits;
  readonly clock: Pick<Clock, 'sleep' | 'monotonic'>;
}

/** A collection before it is known where its operations come from. */
export type Site = Omit<Ground, 'source'>;

/** The list of everything in the collection. */
export function wholeList({ collection, filter }: Site): ListQuestion {
  return { name: collection, ...(filter === '' ? {} : { filter }) };
}

/** A name of the collection's form. */
export function nameIn(collection: string, id: string): string {
  return /operations$/i.test(collection) ? `${collection}/${id}` : `${collection}/operations/${id}`;
}

/** A name that no operation has. */
export function unknownName(ground: Ground): string {
  return nameIn(ground.collection, `conformance-${crypto.randomUUID()}`);
}

/** The same reply. @throws Unmet when the server says that it has not this method: it may. */
export function served(reply: Reply, rpc: string): Reply {
  if (reply.code === Code.UNIMPLEMENTED) throw new Unmet(`the server does not serve ${rpc} here`);
  return reply;
}

/** The pages of a list, up to the limits. @throws Unmet when lists are not served; Error when one is refused. */
export async function pagesOf(ground: Ground, question: ListQuestion): Promise<readonly SeenPage[]> {
  const { pageCountMax, pagesTimeoutMs } = ground.limits;
  const endMs = ground.clock.monotonic() + pagesTimeoutMs;
  const pages: SeenPage[] = [];
  let pageToken = '';
  do {
    const page = await firstPage(ground, { ...question, ...(pageToken === '' ? {} : { pageToken }) });
    pages.push(page);
    pageToken = page.nextPageToken;
  } while (pageToken !== '' && pages.length < pageCountMax && ground.clock.monotonic() < endMs);
  return pages;
}

/** What ListOperations of the ground answers, with what a case changes of the question. @throws Unmet when lists are not served. */
export async function listReply(ground: Ground, question: Partial<ListQuestion> = {}): Promise<Reply> {
  return served(await ground.probe.list({ ...wholeList(ground), ...question }), 'ListOperations');
}

/** The names on pages, in their order. */
export function namesOf(pages: readonly SeenPage[]): readonly string[] {
  return pages.flatMap(({ operations }) => operations.map(({ name = '' }) => name));
}

/** One page. @throws as pagesOf. */
export async function firstPage(ground: Site, question: ListQuestion): Promise<SeenPage> {
  const reply = served(await ground.probe.list(question), 'ListOperations');
  if (reply.code !== Code.OK) {
    throw new Error(`ListOperations of ${question.name} is ${codeName(reply.code)}: ${reply.message}`);
  }
  return pageOf(reply);
}

/** What Get answers once the operation is done, or when the time for that is over. */
export async function untilDone(ground: Pick<Ground, 'clock' | 'limits' | 'probe'>, name: string): Promise<Reply> {
  const { clock, limits, probe } = ground;
  const endMs = clock.monotonic() + limits.endTimeoutMs;
  for (;;) {
    const reply = await probe.get(name);
    if (reply.code !== Code.OK || operationOf(reply).done === true || clock.monotonic() >= endMs) return reply;
    await clock.sleep(limits.pollEveryMs);
  }
}
