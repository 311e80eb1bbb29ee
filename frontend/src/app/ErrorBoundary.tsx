import { Component } from "preact";
import type { ComponentChildren } from "preact";

import { Button, EmptyState } from "@/ui";

import styles from "./Shell.module.css";
import { t } from "./words";

interface Props {
  home: string;
  children: ComponentChildren;
}

/** Catches what a page throws while drawing, and offers a way out. */
export class ErrorBoundary extends Component<Props, { broken: boolean }> {
  override state = { broken: false };

  static override getDerivedStateFromError() {
    return { broken: true };
  }

  override componentDidCatch(error: unknown) {
    console.error(error);
  }

  override render() {
    if (!this.state.broken) return this.props.children;
    const ways = (
      <div class={styles.ways}>
        <Button variant="primary" icon="refresh" onClick={() => window.location.reload()}>
          {t("reload")}
        </Button>
        <Button href={this.props.home}>{t("home")}</Button>
      </div>
    );
    return (
      <EmptyState icon="warning" title={t("crashed")} action={ways}>
        {t("crashedText")}
      </EmptyState>
    );
  }
}
