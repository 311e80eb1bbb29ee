import { formatDate, formatNumber } from "@/lib/i18n";

import { featuresBySize, niceCeiling } from "./series";
import type { Day } from "./series";
import styles from "./usage.module.css";
import { featureName, t } from "./words";

const HEIGHT = 100;
const SLOT = 10;
const BAR = 7;

const COLOURS = [styles.gold, styles.cyan, styles.pink, styles.white];

/** Stacked bars by day and feature; the same numbers stand in a table below for those who read rather than look. */
export function UsageChart({ days }: { days: readonly Day[] }) {
  const features = featuresBySize(days);
  const top = niceCeiling(Math.max(...days.map((day) => day.total)));
  return (
    <figure class={styles.chart}>
      <div class={styles.plot}>
        <span class={styles.axis} aria-hidden="true">
          {formatNumber(top, { notation: "compact" })}
        </span>
        <svg
          viewBox={`0 0 ${days.length * SLOT} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={summary(days)}
        >
          {days.map((day, index) => (
            <Bar key={day.date} day={day} features={features} x={index * SLOT} scale={HEIGHT / top} />
          ))}
        </svg>
        <span class={styles.dates} aria-hidden="true">
          <span>{shortDate(days[0])}</span>
          <span>{shortDate(days.at(-1))}</span>
        </span>
      </div>
      <Legend features={features} />
      <DayTable days={days} features={features} />
    </figure>
  );
}

interface BarProps {
  day: Day;
  features: readonly string[];
  x: number;
  /** Units of the drawing for one token. */
  scale: number;
}

function Bar({ day, features, x, scale }: BarProps) {
  let filled = 0;
  return (
    <g>
      <title>{`${shortDate(day)}: ${formatNumber(day.total)}`}</title>
      {/* The whole column answers to the mouse, also where the bar is low. */}
      <rect x={x} y={0} width={SLOT} height={HEIGHT} class={styles.column} />
      {features.map((feature, index) => {
        const height = (day.features[feature] ?? 0) * scale;
        filled += height;
        return <rect key={feature} x={x} y={HEIGHT - filled} width={BAR} height={height} class={colour(index)} />;
      })}
    </g>
  );
}

function Legend({ features }: { features: readonly string[] }) {
  return (
    <ul class={styles.legend}>
      {features.map((feature, index) => (
        <li key={feature}>
          <svg viewBox="0 0 1 1" aria-hidden="true">
            <rect width="1" height="1" class={colour(index)} />
          </svg>
          {featureName(feature)}
        </li>
      ))}
    </ul>
  );
}

function DayTable({ days, features }: { days: readonly Day[]; features: readonly string[] }) {
  return (
    <details class={styles.details}>
      <summary>{t("showTable")}</summary>
      <div class={styles.tableRoom}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("day")}</th>
              {features.map((feature) => (
                <th key={feature} scope="col">
                  {featureName(feature)}
                </th>
              ))}
              <th scope="col">{t("total")}</th>
            </tr>
          </thead>
          <tbody>
            {days
              .filter((day) => day.total > 0)
              .map((day) => (
                <tr key={day.date}>
                  <th scope="row">{shortDate(day)}</th>
                  {features.map((feature) => (
                    <td key={feature}>{formatNumber(day.features[feature] ?? 0)}</td>
                  ))}
                  <td>{formatNumber(day.total)}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function summary(days: readonly Day[]): string {
  const total = days.reduce((sum, day) => sum + day.total, 0);
  const peak = days.reduce((highest, day) => (day.total > highest.total ? day : highest));
  return t("chartSummary", { total, day: shortDate(peak), peak: peak.total });
}

/** Days of the server are UTC days; in the reader's own zone they could show as the one before. */
function shortDate(day: Day | undefined): string {
  return day === undefined ? "" : formatDate(day.date, { day: "numeric", month: "short", timeZone: "UTC" });
}

function colour(index: number): string | undefined {
  return COLOURS[Math.min(index, COLOURS.length - 1)];
}
