import type { TransferJobMessage } from '../../client/messages.ts';
import { timeOf } from '../../client/times.ts';
import type { Looks } from '../terminal.ts';
import { fieldLines } from './fields.ts';
import { localTimeText } from './local-time.ts';
import { tableLines, type Column } from './table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'NAME', cut: 'middle' },
  { title: 'STATUS' },
  { title: 'FROM', cut: 'middle' },
  { title: 'TO', cut: 'middle' },
];

/** Transfer jobs as a table with titles. */
export function jobTable(jobs: readonly TransferJobMessage[], { width, style }: Looks): readonly string[] {
  const rows = jobs.map(({ name = '', status = '', transferSpec }) => [
    name,
    status,
    transferSpec?.posixDataSource?.rootDirectory ?? '-',
    transferSpec?.posixDataSink?.rootDirectory ?? '-',
  ]);
  return tableLines(COLUMNS, rows, width).map((line, index) => (index === 0 ? style(line, 'faint') : line));
}

/** A transfer job, fact by fact. */
export function jobLines(job: TransferJobMessage): readonly string[] {
  const { transferSpec } = job;
  const timeText = (time: TransferJobMessage['creationTime']): string | undefined =>
    time === undefined ? undefined : localTimeText(timeOf(time));
  return fieldLines([
    ['Name', job.name],
    ['Status', job.status],
    ['Project', job.projectId],
    ['Description', job.description],
    ['From', transferSpec?.posixDataSource?.rootDirectory],
    ['To', transferSpec?.posixDataSink?.rootDirectory],
    ['Overwrite', transferSpec?.transferOptions?.overwriteWhen],
    ['Latest run', job.latestOperationName === '' ? undefined : job.latestOperationName],
    ['Created', timeText(job.creationTime)],
    ['Changed', timeText(job.lastModificationTime)],
    ['Deleted', timeText(job.deletionTime)],
  ]);
}
