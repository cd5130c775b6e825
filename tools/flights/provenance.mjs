/** The text beside the data: where it comes from, what was done to it, what it does not say. */
import { FLIGHT_COUNT, SOURCE_SHA1 } from './read-source.mjs';

/** PROVENANCE.md, with the numbers and hashes of this very output. */
export function provenance(summary, files) {
  return [
    opening(),
    meaning(summary),
    outputs(summary),
    files.map(fileLine).join('\n'),
    makeAgain(),
  ].join('\n\n');
}

function opening() {
  return `# Where the flights come from

This file is written by \`tools/make-flights.mjs\`. Change the script, not the file.

## Source

- Collected by the **US Bureau of Transportation Statistics** (BTS): on-time performance that
  airlines must report under 14 CFR Part 234. January to June 2001, domestic.
  <https://www.transtats.bts.gov/>
- Sampled at random and packaged by **vega-datasets 3.2.1** (npm; cancelled flights and those
  without an arrival delay left out), file \`data/flights-3m.parquet\`,
  ${thousands(FLIGHT_COUNT)} flights, git object
  \`${SOURCE_SHA1}\`. The package's code is BSD-3-Clause,
  copyright its authors; its data package lists this file as "other-open: data collected under
  US DOT regulatory requirements, license terms not explicitly specified".`;
}

function meaning({ all, farAhead }) {
  return `## What the columns say, and what they do not

The package's script (\`scripts/flights.py\`) writes \`date\` = scheduled departure + departure
delay, that is, when the flight **really left**, and \`delay\` = the delay at its **arrival** gate.
The timetable and the delay at departure are not in the file.

| Here | Is |
| --- | --- |
| \`arrivalMs\`, when the feed received the record | \`date\`. Recorded: when the flight left. |
| \`timestampMs\`, the event time | \`date\` − \`delay\`. **Derived**: had there been no delay. |
| \`delayMinutes\` | \`delay\`. Recorded. |
| \`key\` | \`origin\`. Recorded. |

- So the order of the feed is the real order of departures, and arrival = event time + delay
  holds for every record. The event time stands in for the scheduled departure; it is off by
  whatever the flight lost or made up between leaving and reaching the other gate.
- A negative delay puts the event time **after** the arrival: the flight reached its gate ahead
  of the timetable. ${percent(all.earlyShare)} of all flights did. We keep them.
- Times are local to the airport of departure, without a zone. We read them as one clock (as if
  UTC). Real simultaneity between time zones is lost; order within one airport is not.
- These flights are over two hours ahead. That is not credible, and it is in the source. We keep
  them: they show what one wrong timestamp does to a watermark that follows the largest.
${farAhead.map(aheadLine).join('\n')}`;
}

function outputs({ evening, day, all }) {
  const busiest = evening.busiest.map(([code, count]) => `${code} ${count}`).join(', ');
  return `## What was made

| File | Flights | First – last arrival | Early | Median | p90 | p99 | Over an hour |
| --- | --- | --- | --- | --- | --- | --- | --- |
${tableRow('evening.bin', evening)}
${tableRow('day.bin', day)}
${tableRow('days/*.bin', all)}

Delays in minutes. Busiest in \`evening.bin\`: ${busiest}.

No flight is changed, left out or invented inside a stretch. A file holds the flights that left on
one date, in the source's order (ties in a minute keep it too); reading \`days/\` by date is
therefore the global order of arrival, also across midnight. A late flight sits in the file of the
day on which it left.`;
}

function makeAgain() {
  return `## Make it again

\`\`\`sh
npm ci
node tools/make-flights.mjs
\`\`\`

The same bytes come out; \`tests/data/make-flights.test.ts\` compares them.
`;
}

function aheadLine({ origin, destination, left, delayMinutes }) {
  const minutes = thousands(-delayMinutes);
  return `  - ${origin}–${destination}, left ${left.replace('T', ' ')}, ${minutes} min ahead`;
}

function fileLine({ name, bytes, sha256 }) {
  return `- \`${name}\`: ${thousands(bytes)} bytes, sha256\n  \`${sha256}\``;
}

function tableRow(name, stretch) {
  const cells = [
    `\`${name}\``,
    thousands(stretch.count),
    `${stretch.firstArrival.replace('T', ' ')} – ${stretch.lastArrival.replace('T', ' ')}`,
    percent(stretch.earlyShare),
    stretch.delayMinutesMedian,
    stretch.delayMinutesP90,
    stretch.delayMinutesP99,
    percent(stretch.overAnHourShare),
  ];
  return `| ${cells.join(' | ')} |`;
}

function percent(share) {
  return `${(share * 100).toFixed(1)} %`;
}

function thousands(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}
