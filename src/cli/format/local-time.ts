/**
 * Such as `2026-11-21 13:05:09`, in the time zone of who reads it; `-` for none.
 *
 * @param ms  since the Unix epoch.
 */
export function localTimeText(ms: number | undefined): string {
  if (ms === undefined || Number.isNaN(new Date(ms).getTime())) return '-';
  const time = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `${String(time.getFullYear())}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}
