/** Times as Slack words them: message times, day dividers and the tokens of <!date^...>. */

const format = (options) => {
  const formatter = new Intl.DateTimeFormat('en-US', options);
  return (date) => formatter.format(date);
};

const TIME = format({ hour: 'numeric', minute: '2-digit' });
const TIME_SECONDS = format({ hour: 'numeric', minute: '2-digit', second: '2-digit' });
const FULL = format({ weekday: 'long', month: 'long', day: 'numeric', year: 'numeric' });
const SHORT_DAY = format({ month: 'short', day: 'numeric' });
const MONTH = format({ month: 'long' });
const WEEKDAY_NAME = format({ weekday: 'long' });
const NUMERIC = format({ year: 'numeric', month: '2-digit', day: '2-digit' });
const DAY = format({ weekday: 'long', month: 'long', day: 'numeric' });

/** "1764021600.000100" -> Date. */
export function fromTs(ts) {
  return new Date(Number(ts) * 1000);
}

export function clockTime(date) {
  return TIME(date);
}

export function fullTime(date) {
  return `${FULL(date)} at ${TIME_SECONDS(date)}`;
}

/** A whole number that is the same for all moments of one local day. */
export function dayNumber(date) {
  return Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000);
}

/** "Today", "Yesterday" or "Sunday, November 22", seen from `now`. */
export function dayName(date, now) {
  return relativeDay(date, now) ?? DAY(date);
}

/** "5 minutes ago", "in 2 hours". */
export function ago(date, now) {
  const seconds = Math.round((date - now) / 1000);
  const relative = new Intl.RelativeTimeFormat('en-US', { numeric: 'auto' });
  const units = [['day', 86_400], ['hour', 3600], ['minute', 60]];
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return relative.format(seconds, 'second');
}

/** The text of a <!date^epoch^format> token; null where the time is not a number. */
export function slackDate(epoch, pattern, now) {
  const date = new Date(Number(epoch) * 1000);
  if (!epoch || Number.isNaN(date.getTime())) return null;
  const pretty = (plain) => relativeDay(date, now)?.toLowerCase() ?? plain;
  const tokens = {
    date_num: () => NUMERIC(date).replace(/(\d+)\/(\d+)\/(\d+)/, '$3-$1-$2'),
    date: () => middle(date, now),
    date_slash: () => NUMERIC(date),
    date_short: () => short(date, now),
    date_long: () => long(date, now),
    date_pretty: () => pretty(middle(date, now)),
    date_short_pretty: () => pretty(short(date, now)),
    date_long_pretty: () => pretty(long(date, now)),
    day_divider_pretty: () => pretty(long(date, now)),
    time: () => TIME(date),
    time_secs: () => TIME_SECONDS(date),
    ago: () => ago(date, now),
  };
  return pattern.replace(/\{(\w+)\}/g, (whole, name) => tokens[name]?.() ?? whole);
}

function relativeDay(date, now) {
  const names = { 0: 'Today', 1: 'Yesterday', '-1': 'Tomorrow' };
  return names[dayNumber(now) - dayNumber(date)] ?? null;
}

function short(date, now) {
  return SHORT_DAY(date) + year(date, now);
}

function middle(date, now) {
  return `${MONTH(date)} ${ordinal(date.getDate())}${year(date, now)}`;
}

function long(date, now) {
  return `${WEEKDAY_NAME(date)}, ${middle(date, now)}`;
}

/** Slack leaves the year out within half a year of today. */
function year(date, now) {
  return Math.abs(dayNumber(now) - dayNumber(date)) < 182 ? '' : `, ${date.getFullYear()}`;
}

function ordinal(day) {
  const ending = { 1: 'st', 2: 'nd', 3: 'rd' }[day % 10];
  return day + (Math.floor(day / 10) === 1 || !ending ? 'th' : ending);
}
