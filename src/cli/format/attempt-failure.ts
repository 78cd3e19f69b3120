import type { AttemptFailureMessage, OperationSummaryMessage } from '../../client/control-messages.ts';
import { timeOf } from '../../client/times.ts';
import { codeName } from '../../core/code.ts';
import { localTimeText } from './local-time.ts';

/** The failure of its last attempt, while an operation waits for the next one; undefined when it waits after none. */
export function failureWaitedAfter(summary: OperationSummaryMessage): AttemptFailureMessage | undefined {
  const { state, attemptCount = 0, lastFailure } = summary;
  const isWaiting = state === 'STATE_QUEUED' || state === 'STATE_PAUSED';
  return isWaiting && lastFailure?.attempt === attemptCount ? lastFailure : undefined;
}

/** Its code and message. */
export function attemptFailureText({ code = 0, message = '' }: AttemptFailureMessage): string {
  return `${codeName(code)}: ${message}`;
}

/** All of it, in a line. */
export function attemptFailureLine({
  attempt = 0,
  time,
  code = 0,
  reason = '',
  message = '',
}: AttemptFailureMessage): string {
  const kind = [codeName(code), reason].filter((part) => part !== '').join(', ');
  return `attempt ${String(attempt)} at ${localTimeText(timeOf(time))}: ${message} (${kind})`;
}
