const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;

const counts = new Intl.NumberFormat('en-US');

/** Such as `512 B`, `1.5 KiB` or `20 GiB`: three digits that count. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // What rounds to 1024 of a unit is 1.00 of the next one.
  while (value >= 1023.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[unit] ?? ''}`;
}

/** Such as `12,345`. */
export function countText(count: number): string {
  return counts.format(count);
}

/** Such as `1 file` or `12,345 files`. */
export function filesText(count: number): string {
  return `${countText(count)} ${count === 1 ? 'file' : 'files'}`;
}

/** Such as `1 item` or `12,345 items`. */
export function itemsText(count: number): string {
  return `${countText(count)} ${count === 1 ? 'item' : 'items'}`;
}

/** Such as `0:07`, `12:34`, `1:02:03` or `3d 04:05:06`. */
export function durationText(ms: number): string {
  const total = Math.max(0, Math.round(ms / 1000));
  const [seconds, minutes, hours, days] = [
    total % 60,
    Math.floor(total / 60) % 60,
    Math.floor(total / 3600) % 24,
    Math.floor(total / 86_400),
  ];
  const two = (value: number): string => String(value).padStart(2, '0');
  if (days > 0) return `${String(days)}d ${two(hours)}:${two(minutes)}:${two(seconds)}`;
  if (hours > 0) return `${String(hours)}:${two(minutes)}:${two(seconds)}`;
  return `${String(minutes)}:${two(seconds)}`;
}

/** Such as `12.5 MiB/s`. */
export function rateText(bytesPerSecond: number): string {
  return `${bytesText(bytesPerSecond)}/s`;
}
