package io.trimtab.tuning;

import io.trimtab.tuning.job.Recipe;

/**
 * The text of what a step does with the decoder: losses, their gradients, AdamW. Gradients are
 * added to {@code g}, tensors of our own, so that nothing hangs on the parameters.
 *
 * <p>{@code rows} are the positions, over batch and sequence, whose next token is in {@code
 * targets}; {@code owner} is the sequence each is of. Methods give {@code [loss, exact matches]}.
 */
final class LossSource {
  private final Recipe recipe;
  private final Passes passes;
  private final int layers;
  private final int tensorsPerLayer;
  private final int parametersPerLayer;

  /**
   * @param tensorsPerLayer among the frozen weights
   * @param parametersPerLayer among the delta's
   */
  LossSource(
      Recipe recipe, Passes passes, int layers, int tensorsPerLayer, int parametersPerLayer) {
    this.recipe = recipe;
    this.passes = passes;
    this.layers = layers;
    this.tensorsPerLayer = tensorsPerLayer;
    this.parametersPerLayer = parametersPerLayer;
  }

  String methods() {
    return fill(SHARED + climb() + descend() + STEPS) + OPTIMIZER.indent(2);
  }

  private String fill(String text) {
    return text.indent(2)
        .replace("$embedding", recipe.reachesProjector() ? PROJECTED_ARGUMENTS : "")
        .replace(
            "$start",
            recipe.reachesProjector()
                ? "self.placed(x0, position, self.pictures(f, source, share, p, d))"
                : "x0")
        .replace("$layer(", recipe.projections().isEmpty() ? "base_layer(" : "layer(")
        .replace("$deltas", recipe.projections().isEmpty() ? "" : ", d, i * " + parametersPerLayer)
        .replace("$layers", "" + layers)
        .replace("$perLayer", "" + parametersPerLayer)
        .replace("$stride", "" + tensorsPerLayer);
  }

  private static final String PROJECTED_ARGUMENTS =
      ", position: Tensor, f: Tensor, source: Tensor, share: Tensor, p: List[Tensor]";

  private static final String SHARED =
      """
      def gather(self: __torch__.M, out: Tensor, up: Tensor, d: List[Tensor], g: List[Tensor]) -> Tensor:
        found = torch.grad([out], d, annotate(List[Optional[Tensor]], [up]))
        for i in range(torch.len(d)):
          _0 = torch.add_(g[i], unchecked_cast(Tensor, found[i]))
        return up
      def losses(self: __torch__.M, loss: Tensor, logits: Tensor, targets: Tensor, owner: Tensor, x: Tensor) -> Tensor:
        wrong = torch.to(torch.ne(torch.argmax(logits, -1), targets), 6)
        count = torch.index_add(torch.new_zeros(wrong, [torch.size(x, 0)]), 0, owner, wrong)
        exact = torch.sum(torch.to(torch.eq(count, 0), 6))
        return torch.stack([torch.detach(loss), exact])
      def entropy(self: __torch__.M, logits: Tensor, targets: Tensor) -> Tensor:
        return torch.cross_entropy_loss(logits, targets, None, 2)
      def divergence(self: __torch__.M, tuned: Tensor, base: Tensor, temperature: Tensor) -> Tensor:
        t = torch.FloatImplicit(temperature)
        p = torch.log_softmax(torch.div(base, t), -1)
        q = torch.log_softmax(torch.div(tuned, t), -1)
        return torch.sum(torch.exp(p) * (p - q))
      def taught(self: __torch__.M, logits: Tensor, targets: Tensor, start: Tensor, ratio: Tensor, temperature: Tensor) -> Tensor:
        return self.entropy(logits, targets) + self.divergence(logits, start, temperature) * ratio
      def chosen(self: __torch__.M, states: Tensor, targets: Tensor, w: List[Tensor]) -> Tensor:
        logs = torch.log_softmax(self.logits(states, w), -1)
        return torch.squeeze(torch.gather(logs, 1, torch.unsqueeze(targets, 1)), 1)
      def forward_only(self: __torch__.M, x: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor], d: List[Tensor]) -> Tensor:
        y = x
        for i in range($layers):
          y = self.$layer(y, cos, sin, w, i * $stride$deltas)
        return y
      def base(self: __torch__.M, x: Tensor, cos: Tensor, sin: Tensor, rows: Tensor, w: List[Tensor]) -> Tensor:
        y = x
        for i in range($layers):
          y = self.base_layer(y, cos, sin, w, i * $stride)
        return self.states(y, rows, w)
      """;

  /** Up through the layers so that {@code descend} can come back. */
  private String climb() {
    return switch (passes) {
      case WHOLE ->
          """
          def climb(self: __torch__.M, x: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor], d: List[Tensor], inputs: List[Tensor]) -> Tensor:
            return self.forward_only(x, cos, sin, w, d)
          """;
      case LAYERWISE ->
          """
          def climb(self: __torch__.M, x: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor], d: List[Tensor], inputs: List[Tensor]) -> Tensor:
            torch.set_grad_enabled(False)
            y = x
            for i in range($layers):
              _0 = torch.append(inputs, torch.detach(y))
              y = self.$layer(y, cos, sin, w, i * $stride$deltas)
            torch.set_grad_enabled(True)
            return torch.requires_grad_(torch.detach(y), True)
          """;
    };
  }

  private String descend() {
    return switch (passes) {
      case WHOLE ->
          """
          def descend(self: __torch__.M, x: Tensor, top: Tensor, loss: Tensor, weight: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor], d: List[Tensor], g: List[Tensor], inputs: List[Tensor]) -> Tensor:
            return self.gather(loss, weight, d, g)
          """;
      case LAYERWISE ->
          """
          def descend(self: __torch__.M, x: Tensor, top: Tensor, loss: Tensor, weight: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor], d: List[Tensor], g: List[Tensor], inputs: List[Tensor]) -> Tensor:
            up = unchecked_cast(Tensor, (torch.grad([loss], [top], annotate(List[Optional[Tensor]], [weight])))[0])
            for j in range($layers):
              i = $layers - 1 - j
              below = torch.requires_grad_(inputs[i], True)
              y = self.$layer(below, cos, sin, w, i * $stride$deltas)
              wanted = [below]
              for k in range($perLayer):
                _0 = torch.append(wanted, d[i * $perLayer + k])
              found = torch.grad([y], wanted, annotate(List[Optional[Tensor]], [up]))
              up = unchecked_cast(Tensor, found[0])
              for k in range($perLayer):
                _1 = torch.add_(g[i * $perLayer + k], unchecked_cast(Tensor, found[k + 1]))
          """
              + (recipe.reachesProjector()
                  ? "  return self.gather(x, up, d, g)\n"
                  : "  return up\n");
    };
  }

  private static final String STEPS =
      """
      def learn(self: __torch__.M, x0: Tensor, cos: Tensor, sin: Tensor, rows: Tensor, targets: Tensor, owner: Tensor$embedding, weight: Tensor, w: List[Tensor], d: List[Tensor], g: List[Tensor]) -> Tensor:
        x = $start
        inputs = annotate(List[Tensor], [])
        top = self.climb(x, cos, sin, w, d, inputs)
        logits = self.logits(self.states(top, rows, w), w)
        loss = self.entropy(logits, targets)
        _0 = self.descend(x, top, loss, weight, cos, sin, w, d, g, inputs)
        return self.losses(loss, logits, targets, owner, x0)
      def rehearse(self: __torch__.M, x0: Tensor, cos: Tensor, sin: Tensor, rows: Tensor, targets: Tensor, owner: Tensor$embedding, weight: Tensor, temperature: Tensor, b: List[Tensor], w: List[Tensor], d: List[Tensor], g: List[Tensor]) -> Tensor:
        x = $start
        inputs = annotate(List[Tensor], [])
        top = self.climb(x, cos, sin, w, d, inputs)
        logits = self.logits(self.states(top, rows, w), w)
        loss = self.divergence(logits, self.logits(torch.cat(b), w), temperature)
        _0 = self.descend(x, top, loss, weight, cos, sin, w, d, g, inputs)
        return self.losses(loss, logits, targets, owner, x0)
      def distil(self: __torch__.M, x0: Tensor, cos: Tensor, sin: Tensor, rows: Tensor, targets: Tensor, owner: Tensor$embedding, weight: Tensor, ratio: Tensor, temperature: Tensor, b: List[Tensor], w: List[Tensor], d: List[Tensor], g: List[Tensor]) -> Tensor:
        x = $start
        inputs = annotate(List[Tensor], [])
        top = self.climb(x, cos, sin, w, d, inputs)
        logits = self.logits(self.states(top, rows, w), w)
        loss = self.taught(logits, targets, self.logits(torch.cat(b), w), ratio, temperature)
        _0 = self.descend(x, top, loss, weight, cos, sin, w, d, g, inputs)
        return self.losses(loss, logits, targets, owner, x0)
      def read(self: __torch__.M, x0: Tensor, cos: Tensor, sin: Tensor, rows: Tensor, targets: Tensor, owner: Tensor$embedding, w: List[Tensor], d: List[Tensor]) -> Tensor:
        return self.states(self.forward_only($start, cos, sin, w, d), rows, w)
      def evaluate(self: __torch__.M, x0: Tensor, cos: Tensor, sin: Tensor, rows: Tensor, targets: Tensor, owner: Tensor$embedding, w: List[Tensor], d: List[Tensor]) -> Tensor:
        logits = self.logits(self.states(self.forward_only($start, cos, sin, w, d), rows, w), w)
        return self.losses(self.entropy(logits, targets), logits, targets, owner, x0)
      def score(self: __torch__.M, x0: Tensor, cos: Tensor, sin: Tensor, rows: Tensor, targets: Tensor, owner: Tensor$embedding, w: List[Tensor], d: List[Tensor]) -> Tensor:
        return self.chosen(self.states(self.forward_only($start, cos, sin, w, d), rows, w), targets, w)
      """;

  /**
   * AdamW (Loshchilov and Hutter, 2019) by PyTorch's fused kernel. {@code how} is [updates with
   * this one, learning rate, weight decay, factor of the gradients, β1, β2, ε], float64.
   */
  private static final String OPTIMIZER =
      """
      def norm(self: __torch__.M, g: List[Tensor]) -> Tensor:
        return torch.linalg_vector_norm(torch.stack(torch._foreach_norm(g)))
      def clear(self: __torch__.M, g: List[Tensor]) -> Tensor:
        torch._foreach_zero_(g)
        return g[0]
      def update(self: __torch__.M, how: Tensor, d: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor]) -> Tensor:
        torch._foreach_mul_(g, torch.FloatImplicit(how[3]))
        step = torch.full_like(torch.select(torch.view(d[0], [-1]), 0, 0), torch.FloatImplicit(how[0]))
        steps = annotate(List[Tensor], [])
        for i in range(torch.len(d)):
          _0 = torch.append(steps, step)
        unused = annotate(List[Tensor], [])
        torch._fused_adamw_(d, g, m, v, unused, steps, lr=torch.FloatImplicit(how[1]), beta1=torch.FloatImplicit(how[4]), beta2=torch.FloatImplicit(how[5]), weight_decay=torch.FloatImplicit(how[2]), eps=torch.FloatImplicit(how[6]), amsgrad=False, maximize=False)
        torch._foreach_zero_(g)
        return step
      def overwritten(self: __torch__.M, target: List[Tensor], values: Tensor) -> Tensor:
        return torch.copy_(target[0], values)
      def product(self: __torch__.M, a: Tensor, b: Tensor, factor: Tensor) -> Tensor:
        return torch.matmul(b, a) * factor
      def mixed(self: __torch__.M, start: Tensor, end: Tensor, share: Tensor) -> Tensor:
        return start + (end - start) * share
      def factored(self: __torch__.M, delta: List[Tensor], rank: Tensor) -> Tensor:
        u, s, v = torch.linalg_svd(delta[0], False)
        n = int(rank)
        root = torch.sqrt(torch.slice(s, 0, 0, n))
        a = torch.slice(v, 0, 0, n) * torch.unsqueeze(root, 1)
        b = torch.transpose(torch.slice(u, 1, 0, n) * root, 0, 1)
        both = torch.cat([a, b], 1)
        return torch.constant_pad_nd(both, [0, 0, 0, n - torch.size(both, 0)], 0)
      """;
}
