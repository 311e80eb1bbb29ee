import styles from "./console.module.css";

/** A value as it goes over the wire, readable. */
export function Json({ value }: { value: unknown }) {
  return (
    <pre class={styles.pre} dir="ltr" tabIndex={0}>
      {typeof value === "string" ? value : JSON.stringify(value, null, 2)}
    </pre>
  );
}
