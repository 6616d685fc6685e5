const formatter = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** A date and time in the format of the browser's locale. */
export function moment(date: Date): string {
  return formatter.format(date);
}

/** The time until a date, as days and a clock, or "expired". */
export function countdown(until: Date, now: number): string {
  const seconds = Math.ceil((until.getTime() - now) / 1000);
  if (seconds <= 0) return "expired";
  const days = Math.floor(seconds / 86_400);
  const clock = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
  return days > 0 ? `in ${days} d ${clock}` : `in ${clock}`;
}

/** A duration in whole milliseconds. */
export function milliseconds(duration: number): string {
  return `${Math.round(duration)} ms`;
}
