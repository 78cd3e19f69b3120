import { setTimeout as delay } from 'node:timers/promises';
import { anyOf } from 'longrunning';
import { decode, encode } from '../reports/messages.js';

const PAGE_MS = 20;

/**
 * The slow work: it goes on from its checkpoint when the process before died or was drained, stops at once when the operation is
 * cancelled, and tells how far it is.
 */
export async function renderReport(work) {
  const { title, pageCount } = decode('acme.reports.v1.RenderReportRequest', work.request.value);
  const done = work.checkpoint && decode('acme.reports.v1.RenderProgress', work.checkpoint.value);
  for (let page = (done?.pagesRendered ?? 0) + 1; page <= pageCount; page += 1) {
    await delay(PAGE_MS, undefined, { signal: work.signal });
    const rendered = encode('acme.reports.v1.RenderProgress', { pagesRendered: page });
    const metadata = anyOf('acme.reports.v1.RenderProgress', rendered);
    const progress = { items: { done: page, total: pageCount, totalComplete: true } };
    await work.saveCheckpoint(metadata, { metadata, progress });
  }
  const report = { text: `${title}, ${pageCount} pages` };
  return { response: anyOf('acme.reports.v1.Report', encode('acme.reports.v1.Report', report)) };
}
