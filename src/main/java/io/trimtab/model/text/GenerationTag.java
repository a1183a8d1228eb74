package io.trimtab.model.text;

import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.tag.Tag;
import com.hubspot.jinjava.tree.Node;
import com.hubspot.jinjava.tree.TagNode;
import java.io.Serial;

/** {@code {% generation %}}: tells training what the model wrote; rendered as its body. */
final class GenerationTag implements Tag {
  @Serial private static final long serialVersionUID = 1;

  @Override
  public String getName() {
    return "generation";
  }

  @Override
  public String interpret(TagNode tag, JinjavaInterpreter interpreter) {
    StringBuilder body = new StringBuilder();
    for (Node node : tag.getChildren()) {
      body.append(node.render(interpreter));
    }
    return body.toString();
  }
}
