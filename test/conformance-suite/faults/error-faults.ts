import { Code } from '../../../src/core/code.ts';
import { informing, refusingWith, type FaultRow } from './make-fault.ts';

export const ERROR_FAULTS: readonly FaultRow[] = [
  {
    does: 'refuses without a google.rpc.Status',
    foundBy: 'error-has-status',
    fault: refusingWith(() => undefined),
  },
  {
    does: 'says one code as gRPC and another in the details',
    foundBy: 'error-has-status',
    fault: refusingWith((status) => ({ ...status, code: Code.UNKNOWN })),
  },
  {
    does: 'refuses without a message in its google.rpc.Status',
    foundBy: 'error-has-status',
    fault: refusingWith((status) => ({ ...status, message: '' })),
  },
  {
    does: 'says one thing as gRPC and another in the details',
    foundBy: 'error-has-status',
    fault: refusingWith((status) => ({ ...status, message: 'something else' })),
  },
  {
    does: 'refuses without ErrorInfo',
    foundBy: 'error-has-error-info',
    fault: refusingWith((status) => ({ ...status, details: [] })),
  },
  {
    does: 'gives a reason in lower case',
    foundBy: 'error-reason-form',
    fault: informing((info) => ({ ...info, reason: 'notFound' })),
  },
  {
    does: 'gives a reason of 64 characters',
    foundBy: 'error-reason-form',
    fault: informing((info) => ({ ...info, reason: 'R'.repeat(64) })),
  },
  { does: 'gives no domain', foundBy: 'error-has-domain', fault: informing((info) => ({ ...info, domain: '' })) },
  {
    does: 'has metadata keys with spaces',
    foundBy: 'error-metadata-keys',
    fault: informing((info) => ({ ...info, metadata: { 'the name': 'x' } })),
  },
  {
    does: 'has metadata keys of 65 characters',
    foundBy: 'error-metadata-keys',
    fault: informing((info) => ({ ...info, metadata: { ['k'.repeat(65)]: 'x' } })),
  },
  {
    does: 'names things in its message only',
    foundBy: 'error-metadata-has-variables',
    fault: informing(({ metadata: _metadata, ...info }) => info),
  },
  {
    does: 'gives one detail twice',
    foundBy: 'error-details-once',
    fault: refusingWith(({ details = [], ...status }) => ({ ...status, details: [...details, ...details] })),
  },
];
