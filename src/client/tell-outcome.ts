import { StatusError } from '../core/status-error.ts';
import { Code } from '../core/code.ts';
import { fateOfOutcome, type CallFate } from './call-fate.ts';
import type { OperationMessage } from './messages.ts';
import type { OperationControlClient } from './operation-control-client.ts';
import type { OwnedOutcome } from './owned-outcome.ts';
import type { OwnerLease, OwnerReport } from './owner-messages.ts';
import { persisting, type PersistOptions } from './persisting.ts';

export type ToldOutcome = Exclude<OwnedOutcome, { readonly report: 'nothing' }>;

export interface TellOutcomeOptions extends PersistOptions {
  readonly control: Pick<OperationControlClient, 'complete' | 'confirmStop' | 'fail'>;
  readonly lease: OwnerLease;
}

export interface Told {
  readonly operation: OperationMessage;
  /** What was refused first: the report, or the outcome itself. */
  readonly error?: unknown;
}

/** One way to tell it. */
type Telling = () => Promise<Told>;

/**
 * Tells the server how work has ended, until it has taken it.
 *
 * Each call carries the fence and may be repeated, so that this is safe whoever has the operation by then. What the server will never
 * take goes without the report that is told along, except a response, which is not to stand beside metadata that are not its own; and
 * what it does not take then either becomes the operation's failure. What it only failed at, it is told again before each of those.
 * @throws StatusError of the last try, when the operation is somebody else's or the time is over.
 */
export async function tellOutcome(
  outcome: ToldOutcome,
  report: OwnerReport,
  options: TellOutcomeOptions,
): Promise<Told> {
  let refusal: unknown;
  let doubted: Telling | undefined;
  for (const [tried, also] of triesOf(outcome, report, () => refusal)) {
    const before = refusal === undefined ? {} : { error: refusal };
    const telling: Telling = async () => ({ operation: await tell(tried, also, options), ...before });
    const both = doubted === undefined ? telling : eitherOf(doubted, telling);
    try {
      return await persisting({ ...options, judge: fateOfOutcome }, both);
    } catch (error) {
      refusal ??= error;
      const fate = fateOfOutcome(error);
      if (endsTelling(fate)) throw error;
      doubted = fate === 'doubtful' ? telling : undefined;
    }
  }
  throw refusal;
}

function eitherOf(doubted: Telling, next: Telling): Telling {
  return async () => {
    try {
      return await doubted();
    } catch (error) {
      if (endsTelling(fateOfOutcome(error))) throw error;
      return next();
    }
  };
}

/** Whether the server would not take anything else either. */
function endsTelling(fate: CallFate): boolean {
  return fate === 'lost' || fate === 'passes';
}

function* triesOf(
  outcome: ToldOutcome,
  report: OwnerReport,
  refusal: () => unknown,
): Generator<readonly [ToldOutcome, OwnerReport]> {
  yield [outcome, report];
  if (outcome.report !== 'complete' && Object.keys(report).length > 0) yield [outcome, {}];
  yield [{ report: 'fail', error: failureOf(refusal()), retryable: false }, {}];
}

function failureOf(refusal: unknown): StatusError {
  if (refusal instanceof StatusError) return refusal;
  return new StatusError(Code.INTERNAL, 'the outcome cannot be told to the server; see the log of its owner', {
    reason: 'OUTCOME_NOT_TOLD',
    cause: refusal,
  });
}

function tell(
  outcome: ToldOutcome,
  report: OwnerReport,
  { control, lease }: TellOutcomeOptions,
): Promise<OperationMessage> {
  switch (outcome.report) {
    case 'complete':
      return control.complete(lease, { ...report, response: outcome.response });
    case 'confirm-stop':
      return control.confirmStop(lease, report);
    case 'fail':
      return control.fail(lease, { ...report, error: outcome.error, retryable: outcome.retryable });
  }
}
