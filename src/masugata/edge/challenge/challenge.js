"use strict";
(() => {
  const { puzzle, text, difficulty } = document.currentScript.dataset;
  const LIMIT = 4, SECONDS = 60, AT_ONCE = 4000;
  const K = [], PRIME_ROOTS = [];
  const root = (n, power) => (Math.pow(n, power) % 1) * 4294967296 | 0;
  for (let n = 2; K.length < 64; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) { prime = false; break; }
    if (prime) { if (PRIME_ROOTS.length < 8) PRIME_ROOTS.push(root(n, 1 / 2)); K.push(root(n, 1 / 3)); }
  }
  const W = new Int32Array(64);
  const turn = (x, n) => x >>> n | x << 32 - n;

  // The first 32 bits of SHA-256 of a message that fits into one block (FIPS 180-4). crypto.subtle is there
  // over TLS only, and slower for messages as short as these.
  function hash(message) {
    W.fill(0, 0, 16);
    for (let i = 0; i < message.length; i++) W[i >> 2] |= message.charCodeAt(i) << 24 - 8 * (i & 3);
    W[message.length >> 2] |= 0x80 << 24 - 8 * (message.length & 3);
    W[15] = message.length * 8;
    for (let i = 16; i < 64; i++) {
      const x = W[i - 15], y = W[i - 2];
      W[i] = W[i - 16] + (turn(x, 7) ^ turn(x, 18) ^ x >>> 3) + W[i - 7] + (turn(y, 17) ^ turn(y, 19) ^ y >>> 10);
    }
    let [a, b, c, d, e, f, g, h] = PRIME_ROOTS;
    for (let i = 0; i < 64; i++) {
      const t1 = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + (e & f ^ ~e & g) + K[i] + W[i] | 0;
      const t2 = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + (a & b ^ a & c ^ b & c) | 0;
      h = g; g = f; f = e; e = d + t1 | 0; d = c; c = b; b = a; a = t1 + t2 | 0;
    }
    return PRIME_ROOTS[0] + a >>> 0;
  }

  const fail = (id) => { document.getElementById("work").hidden = true; document.getElementById(id).hidden = false; };

  // A browser that keeps no cookie would come back here for ever.
  function again() {
    try {
      const now = Date.now() / 1000;
      const past = JSON.parse(sessionStorage.getItem("masugata-waf") || "[]").filter((t) => now - t < SECONDS);
      sessionStorage.setItem("masugata-waf", JSON.stringify([...past, now]));
      return past.length < LIMIT;
    } catch { return navigator.cookieEnabled; }
  }

  let counter = 0;
  function work() {
    for (const end = counter + AT_ONCE; counter < end; counter++) {
      if (Number(difficulty) === 0 || hash(text + ":" + counter) >>> 32 - Number(difficulty) === 0) return send();
    }
    setTimeout(work, 0);
  }
  async function send() {
    try {
      const body = new URLSearchParams({ puzzle, counter });
      const answer = await fetch("/.masugata-waf/challenge", { method: "POST", body, credentials: "same-origin" });
      if (answer.status === 204) location.reload(); else fail("failed");
    } catch { fail("failed"); }
  }
  if (navigator.cookieEnabled && again()) work(); else fail("cookies");
})();
