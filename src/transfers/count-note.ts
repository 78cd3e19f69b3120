import { activityOf, type ActivityLog } from './activity-log.ts';
import type { ListNote } from './object-store.ts';
import type { Draft } from './planned-group.ts';
import { objectUrl } from './transfer-tally.ts';

export interface CountNoteOptions {
  /** No attempt before has told of it. */
  readonly isNew: boolean;
  readonly logs: ActivityLog['accepts'];
  readonly sourceUrl: string;
}

/** Counts what the source's listing met besides objects, and tells the log of it. */
export function countNote(note: ListNote, draft: Draft, { isNew, logs, sourceUrl }: CountNoteOptions): void {
  const { tally } = draft;
  if (note.kind === 'special') draft.specialCount += 1;
  if (isNew && note.kind.startsWith('directory')) tally.add('directoriesFoundFromSource', 1);
  if (note.kind === 'directory') tally.add('directoriesSuccessfullyListedFromSource', 1);
  if (note.kind === 'directory-failed') {
    tally.add('directoriesFailedToListFromSource', 1);
    tally.sample(note.cause.code, { url: objectUrl(sourceUrl, note.key), details: [note.cause.detail] });
  }
  if (note.kind === 'object-failed') {
    tally.found(0);
    tally.failed({ key: note.key, sizeBytes: 0, ...note.cause }, sourceUrl);
  }
  logNote(note, draft, logs);
}

function logNote(note: ListNote, { activities }: Draft, logs: ActivityLog['accepts']): void {
  const cause = 'cause' in note ? note.cause : undefined;
  const state = cause === undefined ? 'SUCCEEDED' : 'FAILED';
  if (note.kind === 'object-failed' && logs('COPY', state)) activities.push(activityOf('COPY', 'source', note, cause));
  if (!note.kind.startsWith('directory') || !logs('FIND', state)) return;
  activities.push(activityOf('FIND', 'source', note, cause));
}
