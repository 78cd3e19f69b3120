import { mkdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { OperationSummaryMessage, ProgressMessage } from '../../client/control-messages.ts';
import { followOperation } from '../../client/follow-operation.ts';
import { reaching } from '../../client/reaching.ts';
import { operationJson } from '../../client/json.ts';
import { LongrunningClient } from '../../client/longrunning-client.ts';
import type { OperationMessage, OverwriteWhen, TransferOperationMessage } from '../../client/messages.ts';
import { errorOf, transferOf } from '../../client/payloads.ts';
import { settlesWithin } from '../../core/bounded-wait.ts';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { CommandContext, EmbeddedSidecar, Interrupts } from '../command-context.ts';
import { ExitStatus } from '../exit-status.ts';
import { attemptFailureText, failureWaitedAfter } from '../format/attempt-failure.ts';
import { errorLines } from '../format/error-text.ts';
import { colourStyle, plainStyle } from '../format/style.ts';
import { isPlain } from '../terminal.ts';
import { ProgressDisplay, type DisplayForm } from '../transfer/progress-display.ts';
import { SourceCounter } from '../transfer/source-count.ts';
import { startRun, type StartedRun } from '../transfer/start-run.ts';
import { failureLines, summaryLines } from '../transfer/summary-lines.ts';
import { totalsOf } from '../transfer/totals.ts';
import {
  digestOf,
  isDirectory,
  isOnThisMachine,
  jobNameOf,
  rootsOf,
  routeOf,
  transferJobOf,
  type Route,
} from '../transfer/transfer-route.ts';
import { watchProgress } from '../transfer/watch-progress.ts';
import { UsageError } from '../usage-error.ts';
import { printJson } from '../print.ts';
import { jobNameFrom } from '../job-name.ts';

export interface TransferOptions {
  /** Of a running sidecar; an embedded one is started without. */
  readonly address?: string;
  readonly name?: string;
  readonly overwrite: OverwriteWhen;
  readonly project: string;
  readonly database?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Between two looks at the operation, milliseconds: as often as an eye sees, or now and then for a log. */
const LOOK_MS = { bar: 200, lines: 1000, none: 1000 } as const;

/** How long the last progress of a finished operation is waited for, milliseconds. */
const LAST_PROGRESS_MS = 1000;

/** How an operation was left. */
interface FollowedRun {
  readonly operation: OperationMessage | undefined;
  /** The signal that asked for its end. */
  readonly signal: NodeJS.Signals | undefined;
  /** The last that was told. */
  readonly progress: ProgressMessage | undefined;
}

/** `longrunning transfer SRC DST`. @returns the exit status. */
export async function transfer(given: Route, options: TransferOptions, context: CommandContext): Promise<number> {
  const address = options.address ?? nonEmpty(context.environment['LONGRUNNING_ADDRESS']);
  if (address !== undefined) refuseEmbeddedOptions(options);
  const route = routeOf(given, { directory: context.directory, address });
  const display = displayOf(options, context);
  const roots = address === undefined ? rootsOf(route) : [];
  const interrupts = context.watchInterrupts();
  const embedded = address === undefined ? await startEmbedded(route, options, { context, roots, display }) : undefined;
  const client = new LongrunningClient(address ?? embedded?.address ?? '');
  const counter = isCountable(route, address) && options.quiet !== true ? new SourceCounter(route.source) : undefined;
  try {
    const run = await startRun(client, jobOf(route, options), interrupts.forced);
    if (run.wasRunning && options.quiet !== true)
      display.tell(`Goes on with ${run.operationName}, which was under way.`);
    const followed = await follow(run, { client, interrupts, context, display, counter, lost: embedded?.lost });
    display.clear();
    return report(followed, { run, display, counter, options, context });
  } catch (error) {
    if (!interrupts.forced.aborted) throw error;
    // Before there was an operation that could be cancelled.
    display.tell('longrunning: left before the server answered; it may have begun the transfer');
    return ExitStatus.INTERRUPTED;
  } finally {
    display.clear();
    client.close();
    await counter?.stop();
    await embedded?.stop(interrupts.forced);
  }
}

/** Whether this process can look at the source. What it counts is dropped where the server says otherwise, see totalsOf. */
function isCountable({ source }: Route, address: string | undefined): boolean {
  return address === undefined || (isOnThisMachine(address) && isDirectory(source));
}

function refuseEmbeddedOptions({ database, config }: TransferOptions): void {
  if (database === undefined && config === undefined) return;
  throw new UsageError('--database and --config are for a transfer without --address and LONGRUNNING_ADDRESS');
}

function jobOf(route: Route, { name, project, overwrite }: TransferOptions): ReturnType<typeof transferJobOf> {
  const jobName = name === undefined ? jobNameOf(route) : jobNameFrom(name);
  return transferJobOf(route, { name: jobName, projectId: project, overwriteWhen: overwrite });
}

function displayOf(
  { quiet }: TransferOptions,
  { stderr, stdout, environment, clock }: CommandContext,
): ProgressDisplay {
  const plain = isPlain(stderr, environment) || isPlain(stdout, environment);
  const form: DisplayForm = quiet === true ? 'none' : plain ? 'lines' : 'bar';
  return new ProgressDisplay({ form, output: stderr, clock, style: plain ? plainStyle : colourStyle });
}

interface EmbeddedParts {
  readonly context: CommandContext;
  readonly roots: readonly string[];
  readonly display: ProgressDisplay;
}

/** Each pair of directories has a database of its own, so that transfers of several pairs may run at a time. */
async function startEmbedded(
  route: Route,
  { database, config }: TransferOptions,
  { context, roots, display }: EmbeddedParts,
): Promise<EmbeddedSidecar> {
  return context.startSidecar({
    posixRoots: roots,
    database: database ?? `sqlite:${join(stateDirectory(context), `${digestOf(route)}.db`)}`,
    ...(config === undefined ? {} : { config }),
    warn: (message) => {
      display.tell(`longrunning: ${message}`);
    },
  });
}

/** XDG Base Directory Specification: $XDG_STATE_HOME, "If $XDG_STATE_HOME is either not set or empty, … $HOME/.local/state". */
function stateDirectory({ environment, homeDirectory }: CommandContext): string {
  const given = nonEmpty(environment['XDG_STATE_HOME']);
  const base = given !== undefined && isAbsolute(given) ? given : join(homeDirectory, '.local', 'state');
  const directory = join(base, 'longrunning', 'transfers');
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new UsageError(`${directory} cannot be made; name a file with --database sqlite:PATH`, { cause });
  }
  return directory;
}

interface FollowParts {
  readonly client: LongrunningClient;
  readonly interrupts: Interrupts;
  readonly context: CommandContext;
  readonly display: ProgressDisplay;
  readonly counter: SourceCounter | undefined;
  readonly lost: AbortSignal | undefined;
}

/** Shows the operation until it is done; the first interrupt cancels it, a later one leaves it. */
async function follow({ operationName }: StartedRun, parts: FollowParts): Promise<FollowedRun> {
  const { client, interrupts, context, display, counter, lost } = parts;
  const signal = AbortSignal.any([interrupts.forced, ...(lost === undefined ? [] : [lost])]);
  let asked: NodeJS.Signals | undefined;
  let operation: OperationMessage | undefined;
  let summary: OperationSummaryMessage = {};
  const show = (): void => {
    const seen = operation === undefined ? {} : (transferOf(operation) ?? {});
    const failure = failureWaitedAfter(summary);
    display.show({
      totals: totalsOf(seen, { source: counter?.latest, progress: summary.progress }),
      status: seen.status ?? '',
      isCancelling: asked !== undefined,
      ...(failure === undefined ? {} : { waitsAfter: attemptFailureText(failure) }),
    });
  };
  const cancelling = interrupts.asked.then(async (name) => {
    asked = name;
    show();
    await reaching({ limits: client.limits, clock: context.clock, signal }, () =>
      client.operations.cancel(operationName, { signal }),
    );
  });
  cancelling.catch((error: unknown) => {
    if (signal.aborted || !(error instanceof StatusError)) return;
    display.tell(`longrunning: the cancel was refused: ${errorLines(error).join('\n')}`);
  });
  const everyMs = LOOK_MS[display.form];
  const watching = new AbortController();
  const { control, limits } = client;
  const watched = { control, limits, clock: context.clock, signal: AbortSignal.any([signal, watching.signal]) };
  const watch = watchProgress(operationName, watched, (changed) => {
    // What does not report once keeps what it last reported.
    summary = { ...summary, ...changed };
  });
  try {
    const states = followOperation(operationName, {
      operations: client.operations,
      limits: client.limits,
      clock: context.clock,
      everyMs,
      signal,
    });
    for await (const state of states) {
      operation = state;
      show();
    }
  } catch (error) {
    if (!interrupts.forced.aborted) throw error;
  } finally {
    // It ends by itself after it has told the final state.
    if (operation?.done === true) await settlesWithin(watch, LAST_PROGRESS_MS, context.clock);
    watching.abort();
    await watch;
  }
  return { operation, signal: asked, progress: summary.progress };
}

interface ReportParts {
  readonly run: StartedRun;
  readonly display: ProgressDisplay;
  readonly counter: SourceCounter | undefined;
  readonly options: TransferOptions;
  readonly context: CommandContext;
}

/** Says how it has ended. @returns the exit status. */
function report({ operation, signal, progress }: FollowedRun, parts: ReportParts): number {
  const { run, display, counter, options, context } = parts;
  const tell = (lines: readonly string[]): void => {
    context.stderr.write(lines.map((line) => `${line}\n`).join(''));
  };
  const interrupted = signal === 'SIGTERM' ? ExitStatus.TERMINATED : ExitStatus.INTERRUPTED;
  if (operation?.done !== true) {
    tell([`longrunning: gave up waiting for ${run.operationName}, whose cancel was asked for and has not ended yet`]);
    return interrupted;
  }
  const error = errorOf(operation);
  const seen: TransferOperationMessage = transferOf(operation) ?? {};
  const isCancelled = error?.code === Code.CANCELLED;
  if (options.json === true) printJson(context, operationJson(operation));
  else if (options.quiet !== true) {
    const outcome = error === undefined ? 'done' : isCancelled ? 'cancelled' : 'failed';
    const totals = totalsOf(seen, { source: counter?.latest, progress });
    const lines = summaryLines({ totals, elapsedMs: display.elapsedMs, outcome });
    context.stdout.write(lines.map((line) => `${line}\n`).join(''));
  }
  if (error === undefined) return ExitStatus.DONE;
  if (error.info?.metadata?.['stopConfirmed'] === 'false') {
    tell([
      'longrunning: the work did not confirm in time that it has stopped; it may touch the destination a little longer',
    ]);
  }
  if (isCancelled && signal !== undefined) return interrupted;
  const [head = '', ...rest] = errorLines(error);
  tell([`longrunning: ${head}`, ...rest, ...failureLines(seen, error.message)]);
  return ExitStatus.FAILED;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
