import type { TransferLimits } from './limits.ts';

export interface GroupSize {
  readonly objectCount: number;
  readonly sizeBytes: number;
  /** How long the walk may look for them. */
  readonly planDurationMs: number;
}

/** The first group's size; a throttled transfer's never holds more than it may move in the target time. */
export function initialGroupSize(limits: TransferLimits): GroupSize {
  const size = {
    objectCount: limits.groupObjectCountInitial,
    sizeBytes: limits.groupSizeBytesInitial,
    planDurationMs: limits.groupPlanDurationInitialMs,
  };
  return withinThrottle(size, limits);
}

/** Doubles after a group that took under half the target time, halves after one that took longer than it. */
export function nextGroupSize(size: GroupSize, tookMs: number, limits: TransferLimits): GroupSize {
  if (tookMs > limits.groupDurationTargetMs) return scale(size, 0.5, limits);
  if (tookMs < limits.groupDurationTargetMs / 2) return scale(size, 2, limits);
  return size;
}

function scale(size: GroupSize, factor: number, limits: TransferLimits): GroupSize {
  const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, Math.floor(value)));
  const scaled = {
    objectCount: clamp(size.objectCount * factor, 1, limits.groupObjectCountMax),
    sizeBytes: clamp(size.sizeBytes * factor, 1, limits.groupSizeBytesMax),
    planDurationMs: clamp(size.planDurationMs * factor, 1, limits.groupDurationTargetMs),
  };
  return withinThrottle(scaled, limits);
}

function withinThrottle(size: GroupSize, limits: TransferLimits): GroupSize {
  const seconds = limits.groupDurationTargetMs / 1000;
  const most = (perSecond: number | undefined): number => Math.max(1, (perSecond ?? Infinity) * seconds);
  return {
    ...size,
    objectCount: Math.min(size.objectCount, most(limits.objectsPerSecondMax)),
    sizeBytes: Math.min(size.sizeBytes, most(limits.bytesPerSecondMax)),
  };
}
