# Bootstrap standard errors of a result file against R's boot on the raw columns of the same cell.
#   /usr/bin/python3 tests/reference/make_reference.py --cells /tmp/cells
#   nokkel run configs/norway-child-welfare.toml -o /tmp/b.h5 --set resample.pairs=19999 --set resample.half_pairs=0
#   Rscript bench/peers/boot_se.R /tmp/b.h5 /tmp/cells/norway-child-welfare.csv [year] [outcome]
#
# Both draw units with replacement from the frame: every unit with a row in some year and response of the sample. A unit
# without a row in this year may be drawn all the same, so the number of rows varies. The two SEs differ by chance alone: the
# sd of B draws has relative error sqrt((kurtosis - 1) / (4 B)), which is 1 / sqrt(2 B) for normal draws. A difference above
# four such errors, both B taken together, breaks the bound; exit code 1 when any does.

suppressMessages({library(boot); library(ncdf4)})
arguments <- commandArgs(trailingOnly = TRUE)
n_draws <- 20000
n_combinations <- 10
set.seed(20141201, kind = "Mersenne-Twister")

nc <- nc_open(arguments[1])
read <- function(name) ncvar_get(nc, name, collapse_degen = FALSE)   # axes come reversed: slot, year, outcome, combination
cells <- read.csv(arguments[2], colClasses = "character", check.names = FALSE, encoding = "UTF-8")
outcomes <- read("outcome")
year <- if (length(arguments) > 2) arguments[3] else as.character(max(read("year")))
outcome <- if (length(arguments) > 3) arguments[4] else outcomes[1]
y_index <- match(year, read("year")); o_index <- match(outcome, outcomes)
labels <- read("label")
engine_se <- read("coef_boot_se")[, y_index, o_index, ]
engine_n <- read("replicates_used")[y_index, o_index, ]
fitted <- which(read("status")[y_index, o_index, ] == 0)
nc_close(nc)

cell <- cells[cells$outcome == outcome & cells$year == year, ]
frame <- sort(unique(cells$unit[cells$sample == cell$sample[1]]))
row_of <- match(frame, cell$unit)   # NA: the unit has no row in this year
size <- lengths(strsplit(labels, " + ", fixed = TRUE))
of_size <- function(s) {
  ids <- fitted[size[fitted] == s]
  ids[sample.int(length(ids), min(length(ids), ceiling(n_combinations / max(size))))]
}
chosen <- head(unlist(lapply(rev(seq_len(max(size))), of_size)), n_combinations)

compare <- function(combination) {
  members <- strsplit(labels[combination], " + ", fixed = TRUE)[[1]]
  x <- cbind(1, sapply(members, function(m) as.numeric(cell[[m]])))
  y <- as.numeric(cell$y)
  slopes <- function(units, drawn) {
    rows <- row_of[drawn]
    rows <- rows[!is.na(rows)]
    .lm.fit(x[rows, , drop = FALSE], y[rows])$coefficients[-1]
  }
  draws <- boot(frame, slopes, n_draws)$t
  se <- apply(draws, 2, sd)
  kurtosis <- apply(draws, 2, function(d) mean((d - mean(d))^4) / mean((d - mean(d))^2)^2)
  ours <- engine_se[seq_along(members), combination]
  data.frame(combination = combination - 1, criterion = members, se_boot_R = se, se_nokkel = ours, kurtosis = kurtosis,
             difference = ours / se - 1, bound = 4 * sqrt((kurtosis - 1) / 4 * (1 / n_draws + 1 / engine_n[combination])))
}

table <- do.call(rbind, lapply(chosen, compare))
table$errors <- 4 * abs(table$difference) / table$bound   # in Monte Carlo errors; 4 is the bound
cat(sprintf("%s, %s: %d units in the frame, %d rows; R %s, boot %s: %d draws; nokkel: %d\n", outcome, year, length(frame),
            nrow(cell), getRversion(), packageVersion("boot"), n_draws, max(engine_n)))
options(width = 200)
print(format(table, digits = 4), row.names = FALSE)
broken <- sum(!(abs(table$difference) <= table$bound))
cat(sprintf("largest difference %.2f %%; root mean square in Monte Carlo errors %.2f; bound broken %d of %d times\n",
            100 * max(abs(table$difference)), sqrt(mean(table$errors^2)), broken, nrow(table)))
quit(status = as.integer(broken > 0))
