// How figures, times and names are written.

const FEW = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const NONE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** A count or a rate, short. */
export function number(value) {
  if (value === null || value === undefined || !Number.isFinite(Number(value))) {
    return "–";
  }
  const x = Number(value);
  if (Math.abs(x) >= 1e6) {
    return `${FEW.format(x / 1e6)} M`;
  }
  return Math.abs(x) >= 100 ? NONE.format(x) : FEW.format(x);
}

/** With so many digits behind the point. */
export function fixed(value, digits = 3) {
  return Number.isFinite(Number(value)) ? Number(value).toFixed(digits) : "–";
}

/** Seconds as a person reads them. */
export function seconds(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) {
    return "–";
  }
  if (value < 0.01) {
    return `${(value * 1e3).toFixed(1)} ms`;
  }
  return value < 1 ? `${Math.round(value * 1e3)} ms` : `${value.toFixed(2)} s`;
}

export function bytes(value) {
  const x = Number(value);
  if (!x) {
    return "–";
  }
  const units = ["B", "KiB", "MiB", "GiB"];
  const at = Math.min(units.length - 1, Math.floor(Math.log2(x) / 10));
  return `${FEW.format(x / 2 ** (10 * at))} ${units[at]}`;
}

/** The beginning of a digest, enough to tell two apart. */
export function digest(value) {
  return value ? value.slice(0, 12) : "–";
}

export function clock(time) {
  return new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
}

/** Date and time to the minute; on the same day the time alone. */
export function when(time) {
  if (!time) {
    return "–";
  }
  const date = new Date(time);
  const same = date.toDateString() === new Date().toDateString();
  return same ? clock(date) : `${date.toISOString().slice(0, 10)} ${clock(date).slice(0, 5)}`;
}

export function percent(share, digits = 0) {
  return Number.isFinite(share) ? `${(100 * share).toFixed(digits)} %` : "–";
}

/** REVISION_STATE_ACTIVE is "active". */
export function small(name, prefix) {
  return (name ?? "").replace(prefix, "").toLowerCase().replaceAll("_", " ");
}

/** A power of ten as people write it; other values with two digits. */
export function power(value) {
  const exponent = Math.log10(value);
  if (Math.abs(exponent - Math.round(exponent)) > 1e-6 || exponent > -2) {
    return Number(value.toPrecision(2)).toString();
  }
  return `10${String(Math.round(exponent)).replace("-", "⁻").replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit])}`;
}
