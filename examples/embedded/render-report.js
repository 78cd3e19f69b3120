import { setTimeout as delay } from 'node:timers/promises';
import { anyOf } from 'longrunning';
import { decode, encode } from '../reports/messages.js';

const PAGE_MS = 20;

/**
 * The slow work: it goes on from its checkpoint when the process died or was drained, stops at once when the operation is cancelled,
 * and tells how far it is.
 */
export async function renderReport({ request }, context) {
  const { title, pageCount } = decode('acme.reports.v1.RenderReportRequest', request.value);
  const done = context.checkpoint && decode('acme.reports.v1.RenderProgress', context.checkpoint.value);
  for (let page = (done?.pagesRendered ?? 0) + 1; page <= pageCount; page += 1) {
    if (context.suspend.aborted) return 'suspended';
    await delay(PAGE_MS, undefined, { signal: context.signal });
    const progress = anyOf(
      'acme.reports.v1.RenderProgress',
      encode('acme.reports.v1.RenderProgress', { pagesRendered: page }),
    );
    await context.saveCheckpoint(progress, progress);
  }
  const report = { text: `${title}, ${pageCount} pages` };
  return { response: anyOf('acme.reports.v1.Report', encode('acme.reports.v1.Report', report)) };
}
