// Discord's ids: numbers too large for JavaScript, kept as text; they grow with time.

const EPOCH = 1_420_070_400_000n;

/** Negative, zero or positive, as sort() wants it. */
export function compare(a, b) {
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}

/** An id for something made on this page now; never sent anywhere. */
export function fromNow() {
  return String(((BigInt(Date.now()) - EPOCH) << 22n) + 4_194_303n);
}
