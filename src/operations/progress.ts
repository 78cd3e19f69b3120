/**
 * Standard progress: how far work has come, in one form for every kind. Rates and the time left are computed here and nowhere
 * else, from one report to the next, so that they mean the same for all.
 */

/** How much of one measure is done. Counts are whole numbers from 0. */
export interface Amount {
  /** Finished in any way: skipped and failed ones too. */
  readonly done: number;
  /** All there is, as far as it has been found. */
  readonly total?: number;
  /** Whether the total will not grow any more. */
  readonly totalComplete?: boolean;
  readonly skipped?: number;
  readonly failed?: number;
  /** Finished in a second, lately. */
  readonly perSecond?: number;
  /** How much time the rate stands for, as a weight from 0 to 1: the first instants count little. */
  readonly rateWeight?: number;
}

/** One failure of many. */
export interface ErrorSample {
  /** A google.rpc code. */
  readonly code: number;
  readonly item: string;
  readonly message: string;
}

/** What a worker reports; what it leaves out of rates and time is computed. */
export interface ProgressReport {
  readonly items?: Amount;
  readonly bytes?: Amount;
  readonly timeLeftMs?: number;
  readonly errorSamples?: readonly ErrorSample[];
  readonly stage?: string;
}

/** What the record holds. */
export interface Progress extends ProgressReport {
  readonly updateTimeMs: number;
}

/** Samples kept, the first ones: to show what goes wrong, not to list it. */
const SAMPLE_COUNT_MAX = 10;
/** Characters of a sample's text: a record with all of them stays small beside its metadata. */
const TEXT_LENGTH_MAX = 1024;
/** Characters of a stage: one line. */
const STAGE_LENGTH_MAX = 256;

/** What lies so far back counts a third for a rate, milliseconds: short enough to follow a change, long enough to be read. */
const RATE_TIME_MS = 10_000;

/**
 * The progress after a report.
 *
 * @param earlier  the progress before it, and when the attempt began: rates never span two attempts, between which nothing ran.
 */
export function nextProgress(
  report: ProgressReport,
  now: number,
  earlier: { readonly previous: Progress | undefined; readonly sinceMs: number },
): Progress {
  const { previous } = earlier;
  const base = previous !== undefined && previous.updateTimeMs >= earlier.sinceMs ? previous : undefined;
  const elapsedMs = base === undefined ? 0 : now - base.updateTimeMs;
  const items = report.items === undefined ? undefined : withRate(report.items, base?.items, elapsedMs);
  const bytes = report.bytes === undefined ? undefined : withRate(report.bytes, base?.bytes, elapsedMs);
  const timeLeftMs = report.timeLeftMs ?? timeLeft([items, bytes]);
  return {
    ...(items === undefined ? {} : { items }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(timeLeftMs === undefined ? {} : { timeLeftMs }),
    ...(report.errorSamples === undefined ? {} : { errorSamples: bounded(report.errorSamples) }),
    ...(report.stage === undefined ? {} : { stage: report.stage.slice(0, STAGE_LENGTH_MAX) }),
    // A clock that was set back must not make the next report's time negative for long.
    updateTimeMs: now,
  };
}

/**
 * A mean of the rates between reports that forgets exponentially. It is divided by its own weight, so that it is right from
 * the second report on, and what two reports close together say counts as little as the time between them.
 */
function withRate(amount: Amount, before: Amount | undefined, elapsedMs: number): Amount {
  if (amount.perSecond !== undefined || before === undefined) return amount;
  const grown = amount.done - before.done;
  if (elapsedMs <= 0 || grown < 0) return { ...amount, ...rateOf(before) };
  const share = 1 - Math.exp(-elapsedMs / RATE_TIME_MS);
  const weightBefore = before.rateWeight ?? 0;
  const rateWeight = weightBefore * (1 - share) + share;
  const sum = (before.perSecond ?? 0) * weightBefore * (1 - share) + ((grown * 1000) / elapsedMs) * share;
  return { ...amount, perSecond: sum / rateWeight, rateWeight };
}

function rateOf({ perSecond, rateWeight }: Amount): Partial<Amount> {
  return {
    ...(perSecond === undefined ? {} : { perSecond }),
    ...(rateWeight === undefined ? {} : { rateWeight }),
  };
}

/** The rest of the measure that takes longest; undefined unless a total is complete and its rate known. */
function timeLeft(amounts: readonly (Amount | undefined)[]): number | undefined {
  const times = amounts.flatMap((amount) => {
    if (amount?.total === undefined || amount.totalComplete !== true) return [];
    const rest = Math.max(0, amount.total - amount.done);
    if (rest === 0) return [0];
    return amount.perSecond !== undefined && amount.perSecond > 0 ? [(rest * 1000) / amount.perSecond] : [];
  });
  // More than a year is no estimate.
  const longest = Math.round(Math.max(-1, ...times));
  return longest < 0 || longest > 365 * 86_400_000 ? undefined : longest;
}

function bounded(samples: readonly ErrorSample[]): readonly ErrorSample[] {
  return samples.slice(0, SAMPLE_COUNT_MAX).map(({ code, item, message }) => ({
    code,
    item: item.slice(0, TEXT_LENGTH_MAX),
    message: message.slice(0, TEXT_LENGTH_MAX),
  }));
}
