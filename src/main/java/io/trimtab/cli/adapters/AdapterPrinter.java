package io.trimtab.cli.adapters;

import com.google.protobuf.MessageOrBuilder;
import io.trimtab.cli.remote.ProtoJson;
import io.trimtab.cli.remote.RemoteOptions;
import io.trimtab.cli.terminal.Terminal;
import io.trimtab.v1.Adapter;
import io.trimtab.v1.AdapterEvent;
import io.trimtab.v1.ListAdaptersResponse;
import io.trimtab.v1.Revision;
import io.trimtab.v1.RevisionRef;
import io.trimtab.v1.ValidationReport;
import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;

/** Shows what a server says about adapters. Used by one thread. */
sealed interface AdapterPrinter {
  /** Prints as a command was told to, to where it prints. */
  static AdapterPrinter of(RemoteOptions options, CommandSpec spec) {
    PrintWriter out = spec.commandLine().getOut();
    return options.json ? new Json(out) : new Text(out, Terminal.of(spec));
  }

  /** All adapters of a tenant. */
  void adapters(ListAdaptersResponse list);

  /** One adapter with its revisions. */
  void revisions(Adapter adapter);

  /**
   * A change that was made.
   *
   * @param sentence what it was, without a full stop
   */
  void changed(Adapter adapter, String sentence);

  void uploaded(Revision revision);

  void report(ValidationReport report);

  /**
   * Something done to a revision of which nothing else is told.
   *
   * @param sentence as above
   */
  void done(RevisionRef revision, String sentence);

  void event(AdapterEvent event);

  /** One object a line, in protobuf's own mapping with the names of proto/. */
  record Json(PrintWriter out) implements AdapterPrinter {
    @Override
    public void adapters(ListAdaptersResponse list) {
      print(list);
    }

    @Override
    public void revisions(Adapter adapter) {
      print(adapter);
    }

    @Override
    public void changed(Adapter adapter, String sentence) {
      print(adapter);
    }

    @Override
    public void uploaded(Revision revision) {
      print(revision);
    }

    @Override
    public void report(ValidationReport report) {
      print(report);
    }

    @Override
    public void done(RevisionRef revision, String sentence) {
      print(revision);
    }

    @Override
    public void event(AdapterEvent event) {
      print(event);
    }

    private void print(MessageOrBuilder message) {
      out.println(ProtoJson.line(message));
      out.flush();
    }
  }

  /** Sentences and tables. */
  record Text(PrintWriter out, Terminal terminal) implements AdapterPrinter {
    @Override
    public void adapters(ListAdaptersResponse list) {
      AdapterTables.adapters(list.getAdaptersList(), terminal).forEach(out::println);
      out.flush();
    }

    @Override
    public void revisions(Adapter adapter) {
      AdapterTables.revisions(adapter, terminal).forEach(out::println);
      out.flush();
    }

    @Override
    public void changed(Adapter adapter, String sentence) {
      out.printf("%s (version %d)%n", sentence, adapter.getVersion());
      out.flush();
    }

    @Override
    public void uploaded(Revision revision) {
      out.println(AdapterTables.uploaded(revision));
      out.flush();
    }

    @Override
    public void report(ValidationReport report) {
      AdapterTables.report(report).forEach(out::println);
      out.flush();
    }

    @Override
    public void done(RevisionRef revision, String sentence) {
      out.println(sentence);
      out.flush();
    }

    @Override
    public void event(AdapterEvent event) {
      out.println(AdapterTables.event(event));
      out.flush();
    }
  }
}
