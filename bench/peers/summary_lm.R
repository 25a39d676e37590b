# R's lm and summary, as a script of a few lines does it: every fit also gets its standard errors and t values.
#   OPENBLAS_NUM_THREADS=1 Rscript bench/peers/summary_lm.R FOLDER [seconds]
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "peer.R"))

r2_of <- function(names) {
  formula <- reformulate(names, "y")
  columns <- data[, c("y", names)]
  r2_of_rows <- function(rows) {
    all <- summary(lm(formula, columns[rows, ]))
    stopifnot(is.finite(all$coefficients[, "Std. Error"]))
    all$r.squared
  }
  c(r2_of_rows(seq_len(nrow(data))), apply(draws, 1, r2_of_rows))
}
run("summary_lm", paste("R", getRversion()), r2_of)
