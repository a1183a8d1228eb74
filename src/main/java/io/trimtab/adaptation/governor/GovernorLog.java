package io.trimtab.adaptation.governor;

/** Where the governor's events go to. Any thread; returns at once. */
public interface GovernorLog {
  void tell(GovernorEvent event);
}
