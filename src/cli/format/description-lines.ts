import type {
  CancellationMessage,
  DueEventMessage,
  OperationDescriptionMessage,
  OperationSummaryMessage,
  QueuedReasonMessage,
} from '../../client/control-messages.ts';
import { errorOf } from '../../client/payloads.ts';
import type { DurationMessage, TimestampMessage } from '../../client/messages.ts';
import { durationMs, timeOf } from '../../client/times.ts';
import { attemptFailureLine } from './attempt-failure.ts';
import { bytesText, countText, durationText, itemsText, rateText } from './amounts.ts';
import { errorLines } from './error-text.ts';
import { fieldLines, type Field } from './fields.ts';
import { localTimeText } from './local-time.ts';
import { stateWord } from './operation-state.ts';

/** An operation explained: where it stands, who holds it, why it waits, and what comes next. */
export function descriptionLines(description: OperationDescriptionMessage): readonly string[] {
  const summary = description.summary ?? {};
  return fieldLines([
    ...summaryFields(summary),
    ...cancelFields(summary.cancel),
    ['Progress', progressTexts(summary)],
    ...attemptFields(description),
    ...leaseFields(description),
    ['Waits because', (description.queuedReasons ?? []).map(reasonText)],
    ['Comes next', (description.dueEvents ?? []).map(eventText)],
    ['Parts', partTexts(description)],
    ['Kept until', timeText(description.expireTime)],
  ]);
}

function summaryFields(summary: OperationSummaryMessage): readonly Field[] {
  const error = summary.operation === undefined ? undefined : errorOf(summary.operation);
  const labels = Object.entries(summary.labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return [
    ['Name', summary.operation?.name],
    ['State', stateWord(summary.state)],
    ['Error', error === undefined ? undefined : errorLines(error)],
    ['Kind', summary.kind],
    ['Surface', summary.surface],
    ['Collection', summary.collection],
    ['Part of', summary.parentOperation],
    ['Labels', labels.length === 0 ? undefined : labels.join(', ')],
    ['Priority', summary.priority === undefined ? undefined : String(summary.priority)],
    ['Created', timeText(summary.createTime)],
    ['Started', timeText(summary.startTime)],
    ['Ended', timeText(summary.endTime)],
  ];
}

function cancelFields(cancel: CancellationMessage | undefined): readonly Field[] {
  if (cancel === undefined) return [];
  const reason = wordOf(cancel.reason, 'CANCEL_REASON_');
  const actor = cancel.actor === undefined || cancel.actor === '' ? '' : ` by ${cancel.actor}`;
  const confirmed = cancel.stopConfirmed === true ? ', confirmed' : '';
  const legs: readonly [string, TimestampMessage | undefined, string][] = [
    ['asked for', cancel.requestTime, `${actor}, ${reason}`],
    ['delivered', cancel.deliverTime, ''],
    ['acknowledged', cancel.acknowledgeTime, ''],
    ['stopped', cancel.stopTime, confirmed],
  ];
  const reached = legs.filter(([, time]) => time !== undefined);
  return [['Cancel', reached.map(([name, time, more]) => `${name} ${timeText(time) ?? ''}${more}`)]];
}

function progressTexts({ progress, endTime }: OperationSummaryMessage): readonly string[] {
  if (progress === undefined) return [];
  const { items, bytes, stage, timeLeft, errorSamples = [] } = progress;
  const so = (isComplete: boolean | undefined): string => (isComplete === true ? '' : ' found so far');
  const amount = (measure: typeof items, one: typeof countText, all: typeof countText): readonly string[] => {
    if (measure === undefined) return [];
    const { done = 0, total, totalComplete } = measure;
    if (total === undefined) return [all(Number(done))];
    return [`${one(Number(done))} of ${all(Number(total))}${so(totalComplete)}`];
  };
  // Of what has ended nothing is left: its last report told of a time that did not come.
  const timeLeftMs = timeLeft === undefined || endTime !== undefined ? 0 : durationMs(timeLeft);
  return [
    ...(stage === undefined || stage === '' ? [] : [stage]),
    ...amount(items, countText, itemsText),
    ...amount(bytes, bytesText, bytesText).map((text) =>
      bytes?.perSecond === undefined ? text : `${text}, ${rateText(bytes.perSecond)}`,
    ),
    ...(timeLeftMs === 0 ? [] : [`${durationText(timeLeftMs)} left`]),
    ...errorSamples.map(({ item = '', message = '' }) => `failed: ${item}: ${message}`),
  ];
}

function attemptFields(description: OperationDescriptionMessage): readonly Field[] {
  const { failureCount = 0, attemptCountMax = 0, deathCount = 0, summary, hasCheckpoint } = description;
  const attempts = [
    `${countText(summary?.attemptCount ?? 0)} begun`,
    `${countText(failureCount)} of ${countText(attemptCountMax)} failures`,
    ...(deathCount === 0 ? [] : [`${countText(deathCount)} died with their process`]),
    ...(hasCheckpoint === true ? ['a checkpoint is saved'] : []),
  ].join(', ');
  return [
    ['Attempts', attempts],
    ['Last failure', summary?.lastFailure === undefined ? undefined : attemptFailureLine(summary.lastFailure)],
    ['One may take', spanText(description.runTimeout)],
    ['Deadline', timeText(description.deadlineTime)],
    ['Works for', description.resource],
    ['Request', requestText(description)],
    ['Exclusive key', description.exclusiveKey],
    ['Request id', description.requestId],
  ];
}

function requestText({ requestType = '', requestSizeBytes = '0' }: OperationDescriptionMessage): string | undefined {
  return requestType === '' ? undefined : `${requestType.replace(/^.*\//, '')}, ${bytesText(Number(requestSizeBytes))}`;
}

function leaseFields({ lease }: OperationDescriptionMessage): readonly Field[] {
  if (lease === undefined) return [];
  const worker = lease.worker === undefined || lease.worker === '' ? `session ${lease.session ?? ''}` : lease.worker;
  const left = lease.timeLeft === undefined ? '' : `, for ${durationText(durationMs(lease.timeLeft))} unless renewed`;
  return [['Held by', `${worker} since ${timeText(lease.since) ?? '-'}, fence ${lease.fence ?? '0'}${left}`]];
}

function reasonText({ message = '', kind, untilTime }: QueuedReasonMessage): string {
  const until = untilTime === undefined ? '' : `, until ${timeText(untilTime) ?? ''}`;
  return `${message === '' ? wordOf(kind, 'KIND_') : message}${until}`;
}

function eventText({ kind, time }: DueEventMessage): string {
  return `${wordOf(kind, 'KIND_')} at ${timeText(time) ?? '-'}`;
}

function partTexts({ children = [], moreChildren }: OperationDescriptionMessage): readonly string[] {
  const parts = children.map(({ name = '', state, kind = '' }) => `${name} ${stateWord(state)} ${kind}`);
  return moreChildren === true ? [...parts, 'and more'] : parts;
}

/** An enum's value as words: `KIND_NO_FREE_SLOT` → `no free slot`. */
function wordOf(value: string | undefined, prefix: string): string {
  return (value ?? 'unspecified').replace(prefix, '').toLowerCase().replaceAll('_', ' ');
}

function timeText(time: TimestampMessage | undefined): string | undefined {
  return time === undefined ? undefined : localTimeText(timeOf(time));
}

function spanText(span: DurationMessage | undefined): string | undefined {
  return span === undefined ? undefined : durationText(durationMs(span));
}
