# R's .lm.fit, the barest least squares of R: one call a draw.
#   OPENBLAS_NUM_THREADS=1 Rscript bench/peers/dot_lm_fit.R FOLDER [seconds]
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "peer.R"))

y <- data$y
x_all <- as.matrix(data[, -(1:2)])
r2_of <- function(names) {
  x <- cbind(1, x_all[, names, drop = FALSE])
  r2_of_rows <- function(rows) {
    y_drawn <- y[rows]
    1 - sum(.lm.fit(x[rows, , drop = FALSE], y_drawn)$residuals^2) / sum((y_drawn - mean(y_drawn))^2)
  }
  c(r2_of_rows(seq_along(y)), apply(draws, 1, r2_of_rows))
}
run("dot_lm_fit", paste("R", getRversion()), r2_of)
