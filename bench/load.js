// The hardest day, in short: many watch the number, some read, one in fifty signs; every minute begins with a spike
// of ten times as much. Rates are set by bench/load.py; an open model: nobody waits for the one before.
import http from "k6/http";
import exec from "k6/execution";
import { Counter } from "k6/metrics";

const site = __ENV.SITE;
const seconds = Number(__ENV.SECONDS);
const run = __ENV.RUN;
const calm = Number(__ENV.SIGNS); // a second
const READS = 50;
const SPIKE = 10;
const MINUTE = 60;
const taken = new Counter("taken");
const refused = new Counter("refused");

function minutes(rate) {
  const stages = [];
  for (let at = 0; at < seconds; at += MINUTE) {
    stages.push({ target: rate * SPIKE, duration: "0s" }, { target: rate * SPIKE, duration: "10s" });
    stages.push({ target: rate, duration: "0s" }, { target: rate, duration: "50s" });
  }
  return stages;
}

function scenario(name, rate, most) {
  return {
    executor: "ramping-arrival-rate", exec: name, startRate: Math.ceil(rate), timeUnit: "1s",
    preAllocatedVUs: most, maxVUs: most,
    stages: minutes(rate).map((stage) => ({ ...stage, target: Math.ceil(stage.target) })),
  };
}

export const options = {
  scenarios: { read: scenario("read", calm * READS, 300), sign: scenario("sign", calm, 100) },
  summaryTrendStats: ["count", "avg", "med", "p(95)", "p(99)", "max"],
  // A threshold that cannot fail makes k6 report the times of each kind of request.
  thresholds: Object.fromEntries(["landing", "count", "list", "sign"].map((kind) => [`http_req_duration{kind:${kind}}`, ["max>=0"]])),
  discardResponseBodies: true,
};

const headers = { "Accept-Encoding": "gzip" };
const READ = [
  ["/api/v1/count", "count", 0.6],
  ["/", "landing", 0.35],
  ["/signatories/", "list", 0.05],
];

export function read() {
  let dice = Math.random();
  const [path, kind] = READ.find(([, , share]) => (dice -= share) < 0) || READ[0];
  wrong(http.get(site + path, { headers, tags: { kind } }), 200);
}

export function sign() {
  const who = `${run}-${exec.scenario.iterationInTest}`;
  const network = `2a0${exec.vu.idInTest % 10}:${run}:${(exec.scenario.iterationInTest % 65536).toString(16)}::1`;
  // A provider that everybody knows: thousands of one unknown domain would wait for a person.
  const form = {
    name: `Aveline Ashgrove ${who}`, name_latin: "", profession: "singer", profession_other: "",
    affiliation: "The Paper Lanterns", country: "IE", email: `aveline-${who}@gmail.com`, appearance: "named",
  };
  const answer = http.post(`${site}/sign/`, form, {
    redirects: 0, headers: { "X-Forwarded-For": network }, tags: { kind: "sign" },
  });
  if (!wrong(answer, 303)) taken.add(1);
}

function wrong(answer, expected) {
  if (answer.status === expected) return false;
  refused.add(1, { status: String(answer.status) });
  console.error(`${answer.status} ${answer.url} ${answer.error}`);
  return true;
}
