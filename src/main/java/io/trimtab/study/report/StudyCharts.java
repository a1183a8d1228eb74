package io.trimtab.study.report;

import io.trimtab.study.plan.StageRecord;
import io.trimtab.study.plan.StageRecord.Bias;
import io.trimtab.study.report.Group.Measure;
import io.trimtab.study.report.Signals.Signal;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler.LegendPosition;

/** The report's figures, as PNG files; a figure without anything to show is not drawn. */
final class StudyCharts {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 480;

  /** A logarithmic axis has no zero: what is less is drawn here. */
  private static final double LEAST = 1e-6;

  private final Path folder;

  StudyCharts(Path folder) {
    this.folder = folder;
  }

  /** Learned and held-out points by group, with the halves of their intervals. */
  boolean recipes(String file, String title, List<Group> groups) throws IOException {
    if (groups.isEmpty()) {
      return false;
    }
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .yAxisTitle("points against base")
            .build();
    chart.getStyler().setXAxisLabelRotation(45).setLegendPosition(LegendPosition.OutsideE);
    List<String> names = groups.stream().map(Group::name).toList();
    bars(chart, "learned", names, groups, Sequence::learned);
    bars(chart, "held-out", names, groups, Sequence::heldOutAtEnd);
    save(chart, file);
    return true;
  }

  private static void bars(
      CategoryChart chart, String name, List<String> names, List<Group> groups, Measure measure) {
    List<Estimate> estimates = groups.stream().map(group -> group.estimate(measure)).toList();
    chart.addSeries(
        name,
        names,
        estimates.stream().map(Estimate::value).toList(),
        estimates.stream().map(Estimate::margin).toList());
  }

  /** Held-out points after each stage, the mean over seeds. */
  boolean stages(String file, String title, List<Group> groups) throws IOException {
    if (groups.isEmpty()) {
      return false;
    }
    XYChart chart = lines(title, "stage", "held-out points against base");
    for (Group group : groups) {
      int stages = group.sequences().getFirst().stages().size();
      double[] x = IntStream.rangeClosed(0, stages).asDoubleStream().toArray();
      double[] y = new double[stages + 1];
      for (int stage = 1; stage <= stages; stage++) {
        int place = stage - 1;
        y[stage] =
            group.sequences().stream()
                .mapToDouble(sequence -> -sequence.stages().get(place).heldOutLoss())
                .average()
                .orElse(Double.NaN);
      }
      chart.addSeries(group.name(), x, y);
    }
    save(chart, file);
    return true;
  }

  /** Number mass of captions over a stage's updates, the mean over stages and seeds. */
  boolean bias(String file, String title, List<Group> groups) throws IOException {
    if (groups.isEmpty()) {
      return false;
    }
    XYChart chart = lines(title, "updates in a stage (0 drawn at 0.5)", "mass on number tokens");
    chart.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true);
    for (Group group : groups) {
      List<double[]> points = biasPoints(group);
      chart.addSeries(
          group.name(),
          points.stream().mapToDouble(point -> point[0]).toArray(),
          points.stream().mapToDouble(point -> point[1]).toArray());
    }
    save(chart, file);
    return true;
  }

  /** Only of steps that every stage has; a stage that stopped earlier has another end. */
  private static List<double[]> biasPoints(Group group) {
    List<List<Bias>> all =
        group.sequences().stream()
            .flatMap(sequence -> sequence.stages().stream())
            .map(StageRecord::bias)
            .toList();
    int points = all.stream().mapToInt(List::size).min().orElse(0);
    List<double[]> means = new ArrayList<>();
    for (int i = 0; i < points; i++) {
      int place = i;
      boolean last = i == points - 1;
      List<Bias> at = all.stream().map(each -> last ? each.getLast() : each.get(place)).toList();
      double step = at.stream().mapToInt(Bias::step).average().orElse(0);
      double mean = at.stream().mapToDouble(Bias::mean).average().orElse(0);
      means.add(new double[] {Math.max(0.5, step), Math.max(LEAST, mean)});
    }
    means.sort(Comparator.comparingDouble(point -> point[0]));
    return means;
  }

  /** Each stage of each sequence, by recipe. */
  boolean scatter(String file, String title, Signal signal, List<Sequence> sequences)
      throws IOException {
    XYChart chart = lines(title, signal + " (logarithmic)", "held-out points lost");
    chart.getStyler().setXAxisLogarithmic(true);
    chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
    List<String> names =
        sequences.stream().map(sequence -> sequence.run().recipe().wireName()).distinct().toList();
    for (String name : names) {
      List<StageRecord> stages =
          new Signals(
                  sequences.stream()
                      .filter(sequence -> sequence.run().recipe().wireName().equals(name))
                      .toList())
              .stages().stream().filter(stage -> Double.isFinite(signal.of(stage))).toList();
      if (!stages.isEmpty()) {
        chart.addSeries(
            name,
            stages.stream().mapToDouble(stage -> Math.max(LEAST, signal.of(stage))).toArray(),
            stages.stream().mapToDouble(StageRecord::heldOutLoss).toArray());
      }
    }
    if (chart.getSeriesMap().isEmpty()) {
      return false;
    }
    save(chart, file);
    return true;
  }

  private static XYChart lines(String title, String x, String y) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .build();
    chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
    return chart;
  }

  private void save(Chart<?, ?> chart, String file) throws IOException {
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    BitmapEncoder.saveBitmap(chart, folder.resolve(file).toString(), BitmapFormat.PNG);
  }
}
