package io.trimtab.adaptation.feedback;

import io.trimtab.adapter.AdapterId;

/** An adapter that is to be tuned now. */
public record DueAdapter(AdapterId adapter, Decision.Tune tune) {}
