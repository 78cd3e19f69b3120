import { runCommand } from './command.ts';
import type { Report } from './report.ts';

export interface ClientOptions {
  readonly report: Report;
  readonly timeoutMs: number;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Runs a client's program and reports its checks. It prints `ok <check>` or `not ok <check>` for each, the latter followed by indented
 * lines that say why.
 */
export async function reportClient(
  [program, ...parameters]: readonly [string, ...string[]],
  { report, timeoutMs, environment }: ClientOptions,
): Promise<void> {
  const lines: string[] = [];
  const onLine = (line: string): unknown => lines.push(line);
  const { status, isTimeout, output } = await runCommand(program, parameters, { timeoutMs, environment, onLine });
  reportChecks(lines, report);
  if (isTimeout) report.failed('the client ends in time', `still running after ${timeoutMs} ms\n${output}`);
  else if (status !== 0) report.failed('the client runs to its end', `status ${String(status)}\n${output}`);
}

function reportChecks(lines: readonly string[], report: Report): void {
  lines.forEach((line, index) => {
    if (line.startsWith('ok ')) report.passed(line.slice('ok '.length));
    if (!line.startsWith('not ok ')) return;
    const rest = lines.slice(index + 1);
    const end = rest.findIndex((next) => !next.startsWith(' '));
    report.failed(line.slice('not ok '.length), rest.slice(0, end === -1 ? undefined : end).join('\n'));
  });
}
