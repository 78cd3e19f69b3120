/** Wires a transfer's activities to their file. */
import { systemClock } from './core/clock.ts';
import { activityLine } from './schema/activity-line.ts';
import { ActivityFile } from './stores/activity-log/activity-file.ts';
import { FileActivityLog } from './stores/activity-log/file-activity-log.ts';
import type { ActivityLogPlace } from './transfer-thread-data.ts';
import { isAnythingLogged, type ActivityLog } from './transfers/activity-log.ts';
import type { TransferRequest } from './transfers/spec.ts';
import type { TransferEnds } from './transfers/transfer-environment.ts';

export interface ActivityLogSubject {
  readonly request: TransferRequest;
  readonly ends: Pick<TransferEnds, 'sourceUrl' | 'sinkUrl'>;
  readonly onFailure: (detail: string) => void;
}

/** undefined where nobody asked for one, or there is no place for it. */
export function openActivityLog(
  place: ActivityLogPlace | undefined,
  { request, ends, onFailure }: ActivityLogSubject,
): ActivityLog | undefined {
  const { logged, projectId, operationName } = request;
  if (place === undefined || logged === undefined || !isAnythingLogged(logged)) return undefined;
  const { sourceUrl, sinkUrl } = ends;
  const { source } = request.spec;
  const list = source.kind === 'url-list' ? { listUrl: source.listUrl } : {};
  const now = (): number => systemClock.now();
  return new FileActivityLog({
    file: new ActivityFile({ ...place, projectId, operationName, now }),
    logged,
    line: (activity, timeMs) => activityLine({ operationName, sourceUrl, sinkUrl, ...list }, activity, timeMs),
    now,
    onFailure,
  });
}
